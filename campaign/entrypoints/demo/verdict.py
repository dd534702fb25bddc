"""What the demo came to: the ledger's account beside the simulator's, which knows who got two."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from campaign.entrypoints.cli.figures import counts
from campaign.entrypoints.cli.report_page import page
from campaign.report import RunReport


@dataclass(frozen=True, slots=True)
class Ending:
    """The run as the ledger reports it, and the simulator's own summary."""

    report: RunReport
    summary: dict[str, Any]
    caught_in_flight: int

    @property
    def good(self) -> bool:
        return not list(self.problems())

    def problems(self) -> Iterator[str]:
        """Name whatever is not as promised."""
        run = self.report
        if self.summary["duplicates"]:
            yield f"{self.summary['duplicates']:,} messages were accepted twice"
        if run.state != "finished":
            yield f"the run is {run.state}, not finished"
        if run.audience != run.planned + sum(run.refused.values()) or run.planned != sum(run.send.values()):
            yield "the rows do not add up"
        if run.send["accepted"] > self.summary["accepted"]:
            yield "the ledger knows of more accepted messages than WhatsApp"

    def as_json(self) -> dict[str, Any]:
        """Spell it for `--json`."""
        problems = "; ".join(self.problems())
        error = {"code": 1, "where": "demo", "remedy": "please report it", "message": problems} if problems else None
        return {**self.report.as_json(), "error": error, "verdict": self.summary}

    def page(self) -> RenderableType:
        """Lay out the report and the verdict."""
        return Group(page(self.report), *self._verdict(), "")

    def _verdict(self) -> Iterator[RenderableType]:
        told, known = self.summary, self.report.send
        rows = (
            ("messages it accepted", told["accepted"], f"the ledger knows of {known['accepted']:,}", ""),
            ("different people", told["recipients"], "", ""),
            ("got it twice", told["duplicates"], "", "bold green" if not told["duplicates"] else "bold red"),
        )
        yield Text("  The simulator's own verdict", "bold")
        yield from filter(None, (counts(rows),))
        if known["unknown"] and known["accepted"] == told["accepted"]:
            yield Text(
                f"\n  The {known['unknown']} unknown never reached it, which nobody but a simulator can know.", "dim"
            )
        yield Text(f"\n  {self._moral()}", "bold green" if self.good else "bold red")

    def _moral(self) -> str:
        if not self.good:
            return f"Not as promised: {'; '.join(self.problems())}."
        return f"{self.caught_in_flight} messages were on the wire when the sender died, and nobody got two."
