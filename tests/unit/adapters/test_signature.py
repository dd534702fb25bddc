"""Only whoever knows the app secret can sign, and only these bytes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.adapters.whatsapp.signature import is_signed, sign

SECRET = "0123456789abcdef0123456789abcdef"
BODY = '{"text":"Gr\\u00fc\\u00dfe 🎉"}'.encode()


def test_a_signature_known_from_elsewhere() -> None:
    """RFC 4231, test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert sign(b"what do ya want for nothing?", "Jefe") == f"sha256={expected}"


@given(st.binary())
def test_what_was_signed_is_genuine(body: bytes) -> None:
    assert is_signed(body, sign(body, SECRET), [SECRET])


def test_both_secrets_are_good_while_one_is_replaced() -> None:
    assert is_signed(BODY, sign(BODY, "old"), ["new", "old"])
    assert is_signed(BODY, sign(BODY, "new"), ["new", "old"])
    assert not is_signed(BODY, sign(BODY, "older"), ["new", "old"])


def test_without_a_secret_nothing_is_genuine() -> None:
    assert not is_signed(BODY, sign(BODY, ""), [])


def test_the_same_json_written_otherwise_is_another_text() -> None:
    rewritten = json.dumps(json.loads(BODY), ensure_ascii=False).encode()

    assert not is_signed(rewritten, sign(BODY, SECRET), [SECRET])


@given(place=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_one_changed_bit_is_a_forgery(place: int, bit: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= 1 << bit

    assert not is_signed(bytes(changed), sign(BODY, SECRET), [SECRET])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: None,
        lambda good: "",
        lambda good: good.removeprefix("sha256="),
        lambda good: good.replace("sha256", "sha1"),
        lambda good: good.replace("sha256", "SHA256"),
        lambda good: good.upper(),
        lambda good: good.removeprefix("sha256=").upper().join(("sha256=", "")),
        lambda good: good[:-1],
        lambda good: good + "0",
        lambda good: good + " ",
        lambda good: good + "\n",
        lambda good: " " + good,
        lambda good: f"{good}, {good}",
        lambda good: good[:-1] + "ü",
        lambda good: good[:-1] + "٣",
    ],
)
def test_any_other_form_of_the_header_is_refused(spoil) -> None:  # noqa: ANN001 - a lambda
    assert not is_signed(BODY, spoil(sign(BODY, SECRET)), [SECRET])


@given(st.text())
def test_no_header_makes_it_raise(header: str) -> None:
    assert not is_signed(BODY, header, [SECRET])
