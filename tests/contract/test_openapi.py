"""An independent judge: Meta's own description of the API, held against what the client writes and the simulator says.

The description is wrong in places. Each is a correction, with its reason, and goes when it is no longer needed.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import orjson
import pytest

from campaign.adapters.whatsapp.cloud import CloudWire
from campaign.adapters.whatsapp.wire import table_of
from campaign.composing import route_of, with_ids
from campaign.domain.dialects import shaped
from campaign.domain.media import carried, sha256_of
from campaign.domain.rendering import compile_message
from campaign.ports import Post
from tests.contract.openapi_corrections import CORRECTIONS, Correction
from tests.contract.openapi_judge import DESCRIPTION, PREFIX, judge
from tests.contract.simulator.client import NUMBER, simulating
from tests.samples import SAMPLES, people, sample


@cache
def request_of(name: str, person: int) -> tuple[str, Any]:
    """Write a sample to a person as the client does; returns the endpoint and the body on the wire."""
    definition = sample(name).frozen()
    message = with_ids(definition["message"], {sha256_of(each.value): "1" for each in carried(definition["message"])})
    content = compile_message(shaped(message, "cloud"), category=definition["category"]).render(people()[person])
    assert isinstance(content, bytes), content
    route = route_of(definition)
    post = Post(NUMBER, "+33199004711", content, "c1.00000000.00000000-0000-0000-0000-000000000000.1.1", route)
    return route.endpoint, orjson.loads(WIRE.envelope(post))


WIRE = CloudWire(table_of("cloud"), base_url="https://graph.facebook.com", version="v23.0")


def complaints(name: str, corrections: tuple[Correction, ...] = CORRECTIONS) -> Iterator[str]:
    """Tell what the judge has against a sample, to the first person."""
    endpoint, body = request_of(name, 0)
    root = DESCRIPTION["paths"][endpoint]["request"]["$ref"]
    for error in judge(root, corrections).iter_errors(body):
        yield f"{error.json_path}: {error.message[:300]}"


@pytest.mark.parametrize("name", SAMPLES)
def test_what_the_client_sends_is_what_meta_describes(name: str) -> None:
    assert list(complaints(name)) == []


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda each: f"{each.where} {each.wrong}")
def test_every_correction_of_the_description_is_still_needed(correction: Correction) -> None:
    others = tuple(each for each in CORRECTIONS if each is not correction)
    assert any(next(complaints(name, others), None) for name in SAMPLES), f"take it out: {correction.because}"


SPOILT: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "an unknown member": ("text", lambda body: body.update(color="red")),
    "no address": ("text", lambda body: body.pop("to")),
    "no template's name": ("template-text", lambda body: body["template"].pop("name")),
    "an unknown component": ("template-text", lambda body: body["template"]["components"][0].update(type="head")),
    "a parameter without text": (
        "template-text",
        lambda body: body["template"]["components"][1]["parameters"][0].pop("text"),
    ),
    "a button number 12": ("template-url", lambda body: body["template"]["components"][1].update(index="12")),
    "a payload that is none": (
        "template-quick-reply",
        lambda body: body["template"]["components"][1]["parameters"][0].pop("payload"),
    ),
    "a title too long": (
        "interactive-button",
        lambda body: body["interactive"]["action"]["buttons"][0]["reply"].update(title="x" * 21),
    ),
    "an id and a link": ("image-link", lambda body: body["image"].update(id="1")),
    "an unknown policy": ("marketing-messages", lambda body: body.update(product_policy="MAYBE")),
    "a receipt with an address": ("read", lambda body: body.update(to="+33199004711")),
}


@pytest.mark.parametrize("case", SPOILT)
def test_the_judge_sees_what_is_wrong(case: str) -> None:
    name, spoil = SPOILT[case]
    endpoint, body = request_of(name, 0)
    spoilt = deepcopy(body)
    spoil(spoilt)
    judged = judge(DESCRIPTION["paths"][endpoint]["request"]["$ref"])
    assert judged.is_valid(body)
    assert not judged.is_valid(spoilt)


ERROR = f"{PREFIX}ErrorResponse"
PATHS = {name: f"/v23.0/{NUMBER}/{name}" for name in DESCRIPTION["paths"]}


@pytest.mark.parametrize("name", SAMPLES)
async def test_what_the_simulator_accepts_is_answered_as_meta_describes(name: str) -> None:
    endpoint, body = request_of(name, 0)
    async with simulating() as api, api.session.post(PATHS[endpoint], json=body) as answer:
        said = await answer.json()
    assert (answer.status, said.get("error")) == (200, None)
    assert "success" in said or said["messages"][0]["id"]
    judge(DESCRIPTION["paths"][endpoint]["responses"]["200"]["$ref"]).validate(said)


@pytest.mark.parametrize("endpoint", PATHS)
@pytest.mark.parametrize("code", [100, 130429, 131008, 131049, 131056, 190])
async def test_what_the_simulator_refuses_is_answered_as_meta_describes(endpoint: str, code: int) -> None:
    _, body = request_of("marketing-messages" if endpoint == "marketing_messages" else "template-url", 0)
    async with simulating() as api:
        await api.post("/_simulator/faults", {"errors": {str(code): 1}})
        async with api.session.post(PATHS[endpoint], json=body) as answer:
            said = await answer.json()
    assert 400 <= answer.status < 600
    assert said["error"]["code"] == code
    judge(ERROR).validate(said)
