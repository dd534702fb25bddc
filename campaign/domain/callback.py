"""The string that travels with each message and comes back in its webhooks: whose it is, and which attempt."""

import re
from typing import NamedTuple
from uuid import UUID

_FORM = re.compile(
    r"c1\.(?P<installation>[0-9a-f]{8})"
    r"\.(?P<run>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"\.(?P<row>0|[1-9][0-9]{0,9})"
    r"\.(?P<attempt>[1-9][0-9]{0,4})",
    re.ASCII,
)

# What the ledger's columns hold: int and smallint.
_LARGEST_ROW = 2**31 - 1
_LARGEST_ATTEMPT = 2**15 - 1


class Callback(NamedTuple):
    """One attempt, named without a word about the person: every app on the account can read it."""

    installation: str
    run: UUID
    row: int
    attempt: int


def format_callback(*, installation: str, run: UUID, row: int, attempt: int) -> str:
    """Write `c1.<installation>.<run>.<row>.<attempt>`, at most 70 characters."""
    return f"c1.{installation}.{run}.{row}.{attempt}"


def parse_callback(text: object) -> Callback | None:
    """Read what `format_callback` wrote; None for whatever else another app may have put there."""
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    row, attempt = int(match["row"]), int(match["attempt"])
    if row > _LARGEST_ROW or attempt > _LARGEST_ATTEMPT:
        return None
    return Callback(match["installation"], UUID(match["run"]), row, attempt)
