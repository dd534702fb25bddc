"""What is shown of a plan's messages names nobody in full."""

import json
from types import SimpleNamespace
from typing import Any

from campaign.bootstrap.preflight import Look
from campaign.bootstrap.previewing import shown
from campaign.plan import Example

WAMID = "wamid.HBgLMzM2MTIzNDU2NzgVAgARGBIxMjM0/+-=="


def test_neither_the_number_nor_the_message_it_answers_to_is_shown() -> None:
    message = {"type": "text", "text": {"body": f"about {WAMID}"}, "context": {"message_id": WAMID}}
    intent: Any = SimpleNamespace(campaign=SimpleNamespace(files=()), wordings=[SimpleNamespace(name="")])

    (seen,) = shown(intent, Look(), [Example(1, "+33612345678", 0, json.dumps(message).encode())])

    assert seen.number == "+33…5678"
    assert "HBgL" not in json.dumps(seen.message) + str(seen.bubble)
    assert seen.message["context"] == {"message_id": "wamid.(hidden)"}
