"""Where a number hides: other spellings, and message IDs."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.numbers import canonical
from campaign.domain.traces import digits_of, numbers_in, numbers_in_id, traces

_NATIONAL = "33[1-9][0-9]{8}|55[1-9]{2}9[6-9][0-9]{7}|52[0-9]{10}|549[1236][0-9]{9}|1[0-9]{10}|4[0-9]{7,12}"
CANONICAL = st.from_regex(rf"\+({_NATIONAL})", fullmatch=True)


@given(CANONICAL, st.binary(max_size=8), st.binary(max_size=8))
def test_every_spelling_of_a_number_shows_wherever_it_stands_in_base64(e164: str, before: bytes, after: bytes) -> None:
    for digits in digits_of(e164):
        message_id = "wamid." + b64encode(before + digits.encode() + after).decode()
        assert any(trace in message_id for trace in traces(e164))


@given(CANONICAL, st.binary(max_size=12), st.sampled_from([b"\x80\x11", b"\x00\x11"]))
def test_every_spelling_shows_in_packed_digits(e164: str, after: bytes, head: bytes) -> None:
    for digits in digits_of(e164):
        odd = len(digits) % 2
        packed = bytes.fromhex(digits + "f" * odd)
        message_id = b64encode(head + bytes([len(packed) | 0x80 * odd]) + packed + after).decode()
        spelled = (message_id, message_id.replace("/", r"\/"), message_id.replace("+", "-").replace("/", "_"))
        assert all(any(trace in each for trace in traces(e164)) for each in spelled)
        assert f"+{digits}" in numbers_in_id(message_id)


@given(CANONICAL)
def test_every_spelling_means_the_same_person(e164: str) -> None:
    assert {canonical(f"+{digits}") for digits in digits_of(canonical(e164))} == {canonical(e164)}


@pytest.mark.parametrize(
    ("message_id", "number"),
    [
        ("wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA", "+16467043595"),
        ("gBEGkYiEB1VXAglK1ZEqA1YKPrU", "+918884075557"),
        ("ABGGFlA5FpafAgo6tHcNmNjXmuSf", "+16503916969"),
    ],
)
def test_the_samples_of_metas_reference_name_their_numbers(message_id: str, number: str) -> None:
    assert number in numbers_in_id(message_id)
    assert any(trace in message_id for trace in traces(number))


@pytest.mark.parametrize("message_id", ["", "wamid.", "wamid.!!!", "é", "wamid.AAAA", "gBE", "wamid.x", "m1" * 300])
def test_a_message_id_that_hides_nothing_names_nobody(message_id: str) -> None:
    assert numbers_in_id(message_id) == set()


def test_whatever_may_be_a_number_is_found_in_what_nobody_understood() -> None:
    body = b'{"from":"33612345678","a":["+4915123456789",1760000000,12345,"0612345678"],"b":"1234567890123456"}'

    assert numbers_in(body) == {"+33612345678", "+4915123456789", "+1760000000"}
