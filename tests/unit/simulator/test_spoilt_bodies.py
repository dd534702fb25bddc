"""Whatever somebody sends, the simulator says yes or no; it never breaks down."""

import copy
from collections.abc import Iterator
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from campaign.simulator import cloud_reading, on_premises_reading
from campaign.simulator.dialect import Refusal, Submission
from tests.unit.simulator.bodies import BOTH, CLOUD_ONLY

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", " ", "0", "1.0", "inf", "²", "text", "image"]),
    st.sampled_from([[], {}, [None], [{}], {"type": "text"}, {"id": 5}]),
)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every place inside a body."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*way, key)
        yield from places(member, (*way, key))


def spoilt(body: dict[str, Any], place: tuple[Any, ...], junk: Any) -> bytes:
    changed = copy.deepcopy(body)
    *way, last = place
    inside: Any = changed
    for step in way:
        inside = inside[step]
    inside[last] = junk
    return orjson.dumps(changed)


@given(st.sampled_from([*BOTH, *CLOUD_ONLY]), st.data())
def test_junk_anywhere_in_a_body_is_judged_in_both_dialects(sample: tuple[str, Any], data: st.DataObject) -> None:
    kind, content = sample
    body = {"messaging_product": "whatsapp", "to": "+33600000001", "type": kind, kind: content}
    raw = spoilt(body, data.draw(st.sampled_from(list(places(body)))), data.draw(JUNK))

    assert isinstance(cloud_reading.read(raw), Submission | Refusal)
    assert isinstance(on_premises_reading.read(raw), Submission | Refusal)
