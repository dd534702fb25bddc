"""How long a plan says that the sending will take."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from campaign.bootstrap.rehearsal import _seconds
from campaign.plan import Planned
from campaign.settings import load_settings

PLANNED = Planned(
    audience=1000, planned=1000, refused={}, skipped={"suppressed": 200}, canonicalised=0, fixed_lines=0, digest=b""
)
CLIENT = """\
account: {dialect: on_premises, base_url: "http://127.0.0.1:1", access_token: "${TOKEN}", requests: {per_second: 20}}
shards: {count: 2}
"""
UNLIMITED = """\
account: {version: v23.0, business_account_id: "1", access_token: "${TOKEN}", base_url: "http://127.0.0.1:1"}
shards: [{id: paris, phone_number_id: "2", throughput: unlimited}]
"""


@pytest.mark.parametrize(
    ("text", "rate", "seconds"),
    [(CLIENT, None, 40.0), (CLIENT, 10.0, 80.0), (UNLIMITED, None, None), (UNLIMITED, 100.0, 8.0)],
)
def test_an_end_is_told_by_the_slowest_of_all_limits(
    tmp_path: Path, text: str, rate: float | None, seconds: float | None
) -> None:
    (path := tmp_path / "settings.yaml").write_text(text)
    settings = load_settings(path, {"TOKEN": "t" * 32})
    shards = tuple(shard.id for shard in settings.shards)
    intent: Any = SimpleNamespace(settings=settings, shards=shards, campaign=SimpleNamespace(rate=rate))

    assert _seconds(intent, PLANNED) == seconds
