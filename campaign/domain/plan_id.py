"""The name of a plan: what file, audience and template were when somebody looked at it."""

import re
from typing import Final, NamedTuple, Self

_DIGITS: Final = 8
_WRITTEN: Final = re.compile(r"([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})")


class PlanId(NamedTuple):
    """Eight digits of the hash of each; the audience's hold people and what each of them would read."""

    file: str
    audience: str
    template: str

    @classmethod
    def of(cls, *, file: str, audience: str, template: str) -> Self:
        """Shorten hexadecimal digests."""
        return cls(file[:_DIGITS], audience[:_DIGITS], template[:_DIGITS])

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read one as `str` writes it; None for anything else."""
        found = _WRITTEN.fullmatch(text.strip().lower())
        return cls(*found.groups()) if found is not None else None

    def __str__(self) -> str:
        """Write it as `campaign plan` shows it."""
        return "-".join(self)

    def changed(self, now: Self) -> list[str]:
        """Name what differs now. Another file writes other messages, so it alone is named then, beside the template."""
        differs = [name for name, before, after in zip(self._fields, self, now, strict=True) if before != after]
        return [name for name in differs if name != "audience"] if "file" in differs else differs
