"""How a command fails: one block on stderr that says what, where and what to do; never a traceback, never a secret."""

import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from campaign.domain.errors import CampaignError

INTERNAL = 1
USAGE = 2
NO_GO = 3

# The place of a name in a command between backticks.
_NAMED: Final = re.compile(r"(`campaign [^`]*?)\bNAME\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    message: str
    where: str | None = None
    remedy: str | None = None

    def naming(self, run: str) -> "Finding":
        """Put a run's name where a command of the remedy has NAME."""
        return replace(self, remedy=self.remedy and _NAMED.sub(lambda found: found[1] + run, self.remedy))

    def lines(self) -> Iterator[str]:
        place = f"{self.where}: " if self.where else ""
        yield f"error: {place}{self.message}"
        if self.remedy:
            yield f"       {self.remedy}"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command ended, and with which exit code."""

    code: int
    findings: tuple[Finding, ...]
    owner: dict[str, object] | None = None
    trace: str = ""

    def naming(self, run: tuple[str | None, str | None]) -> "Failure":
        """Put the run that was asked for into the commands that remedies name, so that they can be copied."""
        campaign, key = run
        if campaign is None:
            return self
        name = f"{campaign}@{key}" if key else campaign
        return replace(self, findings=tuple(each.naming(name) for each in self.findings))

    def text(self) -> str:
        """Write the block for people; several findings take one line each, and nothing in it acts on a terminal."""
        from campaign.domain.preview import neutral  # noqa: PLC0415 - only a failure needs it

        if len(self.findings) == 1:
            lines: Iterable[str] = self.findings[0].lines()
        else:
            lines = ("; ".join(line.strip() for line in finding.lines()) for finding in self.findings)
        return "".join(f"{neutral(line).replace(chr(10), ' ')}\n" for line in lines) + self.trace

    def as_json(self) -> dict[str, object]:
        """Spell it for `--json`: the first finding, and all of them where there are several."""
        spelled = [{"where": each.where, "remedy": each.remedy, "message": each.message} for each in self.findings]
        several = {"findings": spelled} if len(spelled) > 1 else {}
        return {"code": self.code, **spelled[0], **several}


class UsageMistake(CampaignError):  # noqa: N818 - the command line was wrong; nothing broke
    """The command cannot be run as it was typed."""

    exit_code = USAGE


def of_error(error: BaseException, *, tracebacks: bool) -> Failure:
    """Describe any exception; whatever nobody foresaw is told by its type and place alone."""
    leaves = list(_leaves(error))
    foreseen = next((leaf for leaf in leaves if isinstance(leaf, CampaignError)), None)
    if foreseen is not None:
        return _foreseen(foreseen)
    return _internal(leaves[0] if leaves else error, tracebacks=tracebacks)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Look into the groups that tasks end with."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _foreseen(error: CampaignError) -> Failure:
    findings = getattr(error, "findings", (error,))
    owner = getattr(error, "owner", None)
    return Failure(
        error.exit_code,
        tuple(Finding(each.message, each.where, each.remedy) for each in findings),
        owner=_owner(owner) if owner is not None else None,
    )


def _owner(owner: object) -> dict[str, object]:
    since = getattr(owner, "since", None)
    return {
        "host": getattr(owner, "host", None),
        "pid": getattr(owner, "pid", None),
        "since": since.isoformat() if isinstance(since, datetime) else None,
    }


def _internal(error: BaseException, *, tracebacks: bool) -> Failure:
    from campaign.entrypoints.logs import masked, place  # noqa: PLC0415 - structlog is slow to import

    trace = "".join(traceback.format_tb(error.__traceback__)) if tracebacks else ""
    remedy = "run it again with --log-level debug to see the way there, and report it; sending can be continued"
    # Its text may hold anything, a row of the audience or a token: the type has to do.
    finding = Finding(f"internal error: {type(error).__name__}", place(error.__traceback__), remedy)
    return Failure(INTERNAL, (finding,), trace=masked(trace))


def report(failure: Failure) -> None:
    """Write the block to stderr; a closed stderr is not worth a second failure."""
    try:
        sys.stderr.write(failure.text())
        sys.stderr.flush()
    except (OSError, ValueError):
        return
