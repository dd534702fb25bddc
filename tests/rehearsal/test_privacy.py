"""The scan at the end of every rehearsal finds what it looks for: a blind one would never complain."""

import base64
from pathlib import Path

import pytest

from tests.rehearsal.privacy import leaks

NUMBER = "33612000007"
SECRET = "a-token-nobody-may-see"


def _wamid(number: str) -> str:
    return base64.b64encode(b"\x1d\x0b" + bytes([len(number)]) + number.encode() + b"\x15\x02\x00" + b"0" * 12).decode()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (f"sent to +{NUMBER}", "a phone number"),
        (f'{{"to":"{NUMBER}"}}', "a phone number"),
        ("call 0612000007 back", "a phone number"),
        (f"17000{NUMBER}", "a phone number"),
        (f"id wamid.{_wamid('33600000000')}", "a message ID"),
        (f"id {_wamid(NUMBER)}", "a phone number in base64"),
        (f"id xy{_wamid(NUMBER)}", "a phone number in base64"),
        (f"Bearer {SECRET}", "a secret"),
    ],
)
def test_a_leak_is_found(tmp_path: Path, said: str, found: str) -> None:
    log = tmp_path / "log"
    log.write_text(said)

    assert f"log: {found}" in leaks([log], secrets=[SECRET], numbers=[NUMBER])


def test_what_is_allowed_is_no_leak(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        '{"run": 33612000008, "to": "+33…0007", "at": 1764000000.123456789, "sha": "bm90aGluZyBoZXJlIGF0IGFsbA=="}'
    )

    assert leaks([log], secrets=[SECRET], numbers=[NUMBER]) == []
