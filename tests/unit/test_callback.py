"""Callback data comes back as it left, and whatever else comes is not ours."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.callback import Callback, format_callback, parse_callback

RUN = "0b5e2f6e-4f5c-4a41-9d7a-2f0f3d6c1a55"


@given(
    installation=st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
    run=st.uuids(),
    row=st.integers(0, 2**31 - 1),
    attempt=st.integers(1, 2**15 - 1),
)
def test_what_was_written_is_read(installation: str, run: UUID, row: int, attempt: int) -> None:
    text = format_callback(installation=installation, run=run, row=row, attempt=attempt)

    assert parse_callback(text) == Callback(installation, run, row, attempt)
    assert len(text) <= 70


@given(st.one_of(st.text(), st.integers(), st.none(), st.binary(), st.lists(st.text())))
def test_nothing_makes_it_raise(text: object) -> None:
    assert parse_callback(text) is None


@pytest.mark.parametrize(
    "text",
    [
        f"c2.0123abcd.{RUN}.1.1",
        f"c1.0123ABCD.{RUN}.1.1",
        f"c1.0123abcd.{RUN.upper()}.1.1",
        f"c1.0123abcd.{RUN.replace('-', '')}.1.1",
        f"c1.0123abcd.{RUN}.01.1",
        f"c1.0123abcd.{RUN}.-1.1",
        f"c1.0123abcd.{RUN}.1.0",
        f"c1.0123abcd.{RUN}.1.32768",
        f"c1.0123abcd.{RUN}.2147483648.1",
        f"c1.0123abcd.{RUN}.٣.1",
        f"c1.0123abcd.{RUN}.1.1\n",
        f" c1.0123abcd.{RUN}.1.1",
        f"c1.0123abcd.{RUN}.1",
        f"c1.0123abcd.{RUN}.1.1.1",
        f"c1.0123abcd.{RUN}.{'9' * 5000}.1",
    ],
)
def test_anything_but_the_exact_form_is_not_ours(text: str) -> None:
    assert parse_callback(text) is None
