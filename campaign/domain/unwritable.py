"""Rows whose message cannot be written, grouped by place and reason, so that one look tells what to mend."""

from dataclasses import dataclass, field
from typing import Final

from campaign.domain.errors import RefusedByPlan
from campaign.domain.rendering import RenderRefusal

_ROWS_NAMED: Final = 5
# A message has few places and few ways to go wrong; the bounds are for what nobody foresaw.
KEPT: Final = 1_000
TOLD: Final = 20


class UnwritableRows(RefusedByPlan):
    """Messages that cannot be written; `findings` has one for each way of it, the most frequent first."""

    def __init__(self, findings: tuple[RefusedByPlan, ...]) -> None:
        first, *others = findings
        more = f"; and {len(others)} more" if others else ""
        super().__init__(
            f"some messages cannot be written: {first.message}{more}", where=first.where, remedy=first.remedy
        )
        self.findings = findings

    def __str__(self) -> str:
        """One finding a line."""
        return "\n".join(str(finding) for finding in self.findings)


@dataclass(slots=True)
class _Seen:
    """How often one fault was seen, and the first rows of it."""

    count: int = 0
    rows: list[int] = field(default_factory=list)

    def note(self, row: int) -> None:
        self.count += 1
        if len(self.rows) < _ROWS_NAMED:
            self.rows.append(row)

    def __str__(self) -> str:
        rows = ", ".join(map(str, self.rows)) + (" …" if self.count > len(self.rows) else "")
        return f"in {self.count:,} {'row' if self.count == 1 else 'rows'} ({rows})"


class Faults:
    """Counts what speaks against the messages of one plan."""

    def __init__(self) -> None:
        self._seen: dict[RenderRefusal, _Seen] = {}
        self._beyond = _Seen()

    def __len__(self) -> int:
        return len(self._seen)

    def note(self, refusal: RenderRefusal, row: int) -> None:
        if refusal in self._seen or len(self._seen) < KEPT:
            self._seen.setdefault(refusal, _Seen()).note(row)
        else:
            self._beyond.note(row)

    def raise_if_any(self, where: str) -> None:
        """Raise UnwritableRows; `where` is the place of the audience."""
        if not self._seen:
            return
        worst = sorted(self._seen.items(), key=lambda item: (-item[1].count, item[0].path, item[0].what))
        findings = [
            RefusedByPlan(f"{refusal.path}: {refusal.what} {seen}", where=where, remedy=refusal.remedy)
            for refusal, seen in worst[:TOLD]
        ]
        if left := sum(seen.count for _, seen in worst[TOLD:]) + self._beyond.count:
            what = f"for other reasons no message can be written in {left:,} more rows"
            findings.append(RefusedByPlan(what, where=where, remedy="mend these first, then plan again"))
        raise UnwritableRows(tuple(findings))
