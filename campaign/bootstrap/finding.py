"""One thing that `doctor` looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `code` is WhatsApp's, where an answer of it is behind this.

    A `remedy` of one that is in order is advice.
    """

    what: str
    ok: bool = True
    where: str | None = None
    remedy: str | None = None
    code: int | None = None
