"""Unknown messages as a page for people, and as the object of `--json`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaign.bootstrap.resending import Looked
from campaign.domain.numbers import mask
from campaign.domain.resending import LEAST_COVERAGE, Candidate, WhyNot, ready_at, why_not
from campaign.entrypoints import words
from campaign.entrypoints.cli.next_steps import name_of
from campaign.resending import Doubt, Survey

# A page for people ends here; `--json` lists all.
MOST_LINES: Final = 50


def spelled(survey: Survey) -> dict[str, Any]:
    """Spell for `--json` every message and what it would risk to send them again; times in ISO 8601."""
    doubt = survey.doubt
    assert doubt is not None  # noqa: S101 - surveys of unknown messages have it
    coverage, earlier = doubt.coverage, doubt.earlier
    return {
        "unknown": [_message(survey, each) for each in survey.asked],
        "webhooks": {"settle": doubt.settles, **coverage._asdict(), "share": coverage.share},
        "earlier": {**earlier._asdict(), "accepted_share": doubt.accepted_share, "assumed": not earlier.enough},
        "risk": doubt.risk,
    }


def _message(survey: Survey, each: Candidate) -> dict[str, Any]:
    reason = why_not(each, now=survey.found.at)
    return {
        "row": each.row,
        "number": mask(each.number),
        "attempt": f"{survey.found.public_id}.{each.row}.{each.attempt}",
        "since": each.since.isoformat(),
        "evidence": words.evidence(each.reason, each.code),
        "reason": each.reason,
        "code": each.code,
        "why_not": reason.value if reason is not None else None,
        "ready_at": ready_at(each).isoformat(),
    }


def page(looked: Looked) -> RenderableType:
    """Lay out what nobody can tell, and what may be done about it."""
    survey = looked.survey
    count = len(survey.asked)
    title = Text.assemble((f"\n{name_of(looked.report)}", "bold"), f"  {count:,} unknown")
    if not count or survey.doubt is None:
        return Group(title, Text("  nothing is in doubt\n"))
    lines = [*_attempts(survey), *_doubts(survey.doubt, count), *_orders(looked)]
    return Group(title, _table(survey), *(Padding(Text(line), (0, 0, 0, 2), expand=False) for line in lines), "")


def _table(survey: Survey) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for title in ("row", "attempt"):
        table.add_column(title, justify="right")
    for title in ("number", "since", "what is known", "sending it again"):
        table.add_column(title)
    for each in survey.asked[:MOST_LINES]:
        known = words.evidence(each.reason, each.code)
        table.add_row(
            *(str(each.row), str(each.attempt), mask(each.number), _at(each.since), known, _again(survey, each))
        )
    return Padding(table, (1, 0, 1, 2), expand=False)


def _again(survey: Survey, each: Candidate) -> str:
    if survey.doubt is None or not survey.doubt.silence_tells:
        return "not now, see below"
    match why_not(each, now=survey.found.at):
        case None:
            return "may be ordered"
        case WhyNot.TOO_YOUNG | WhyNot.UNHEARD:
            return f"from {_at(ready_at(each))}"
        case reason:
            return f"no: {words.of(words.LEFT_OUT, reason.value).words}"


def _attempts(survey: Survey) -> Iterator[str]:
    if len(survey.asked) > MOST_LINES:
        yield f"and {len(survey.asked) - MOST_LINES:,} more; --json lists all\n"
    yield f"In webhooks an attempt is called {survey.found.public_id}.ROW.ATTEMPT."


def _doubts(doubt: Doubt, count: int) -> Iterator[str]:
    coverage, earlier = doubt.coverage, doubt.earlier
    if not doubt.settles:
        yield (
            "On-Premises webhooks do not carry our own reference back, so they settle none of these: only "
            "`campaign unknown settle` does."
        )
    if coverage.share is None:
        yield "No message of this run was accepted by its own answer, so webhooks cannot be judged."
    else:
        yield f"Webhooks told of {coverage.told:,} of {coverage.accepted:,} accepted messages ({coverage.share:.2%})."
    if earlier.enough:
        taken = earlier.heard + earlier.settled
        yield f"Of {earlier.unknown:,} messages that were unknown once, {taken:,} turned out to have been taken."
    else:
        yield f"Too few were unknown before to go by ({earlier.unknown:,}): that 80 % were taken is assumed."
    yield f"Risk: {words.risk(doubt.risk, count)}"


def _orders(looked: Looked) -> Iterator[str]:
    name = name_of(looked.report)
    doubt = looked.survey.doubt
    yield f"\nIf you know that WhatsApp took some of them: `campaign unknown settle {name} --accepted --row N`"
    if doubt is None or not doubt.settles:
        return
    yield "Webhooks settle others that it took, while `campaign serve` runs."
    if not doubt.silence_tells:
        yield (
            f"None may be sent again before webhooks have told of {LEAST_COVERAGE:.0%} of the run's accepted messages: "
            "until then their silence says nothing."
        )
    elif ready := len(looked.survey.ready):
        yield f"Sending {ready:,} of them again takes an order: `campaign unknown resend {name}`"
    else:
        yield f"None may be sent again yet. From the times above on: `campaign unknown resend {name}`"


def _at(when: datetime) -> str:
    return f"{when.astimezone():%d %b %H:%M}"
