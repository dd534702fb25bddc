"""`resend`: messages that were dropped, refused or not delivered, sent again by order."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from campaign.entrypoints.cli.agreeing import Count, Given, Reason, agreed, refuse_unasked
from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.invocation import Invocation, invocation
from campaign.entrypoints.cli.options import Detach, Json, Name, Quiet, Strict, Wait, Yes, named, parse_wait
from campaign.entrypoints.cli.sending import finished, left_running

if TYPE_CHECKING:
    from campaign.bootstrap.launch import LaunchOptions
    from campaign.bootstrap.resending import Choice, Looked

# What the object of `--json` holds beside the keys of a run.
NOTHING: Final = {"ordered": 0, "left_out": {}}

NONE: Final = {"unknown": "is unknown", "dropped": "was dropped", "failed": "has failed"}

MOST_ROWS: Final = 20


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(resend)


def resend(
    context: typer.Context,
    name: Name,
    *,
    dropped: Annotated[bool, typer.Option("--dropped", help="Those dropped after WhatsApp's quality check.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Those refused, or taken and not delivered.")] = False,
    code: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Of the failed ones, those with this code alone.")
    ] = None,
    reason: Reason = None,
    count: Count = None,
    yes: Yes = False,
    detach: Detach = False,
    wait: Wait = "10m",
    strict: Strict = False,
    json: Json = False,  # noqa: ARG001 - read off the line
    quiet: Quiet = False,
) -> int:
    """Send dropped or failed messages of a run again. Nobody who has got it is among them."""
    from campaign.bootstrap.launch import LaunchOptions  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.bootstrap.resending import Choice  # noqa: PLC0415 - see above
    from campaign.domain.resending import Which  # noqa: PLC0415 - see above

    call = invocation(context)
    call.output.quiet = quiet
    call.output.name, call.output.empty = named(name), NOTHING
    if dropped == failed:
        raise UsageMistake("say which messages: --dropped or --failed", remedy="`campaign report NAME` counts both")
    if code is not None and dropped:
        raise UsageMistake("--code is for --failed", remedy="leave it out: dropped messages share one reason")
    choice = Choice(name, Which.DROPPED if dropped else Which.FAILED, code)
    options = LaunchOptions(detach=detach, wait_seconds=parse_wait(wait))
    return order(call, choice, Given(reason, count, yes), options, strict=strict)


def order(call: Invocation, choice: "Choice", given: Given, options: "LaunchOptions", *, strict: bool) -> int:
    """Look, ask, put back in line, and send until the run is done."""
    from campaign.bootstrap.resending import Order, look, refuse  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.bootstrap.resending import resend as send  # noqa: PLC0415 - see above
    from campaign.resending import check_ready  # noqa: PLC0415 - see above

    call.output.name, call.output.empty = named(choice.name), NOTHING
    refuse_unasked(given)
    settings = call.settings()
    looked = call.ask(lambda: look(settings, choice))
    call.output.latest = looked.report
    if not looked.survey.asked:
        return _nothing(call, looked, choice.code)
    call.output.empty = extras(looked, ordered=0)
    refuse(looked)
    for line in told(looked):
        call.output.say(line)
    check_ready(looked.survey)
    why = agreed(call, given, len(looked.survey.ready), purpose="to send them again")
    report, signalled = call.follow(lambda screen, stop: send(settings, Order(looked, why), options, screen, stop))
    if call.output.json:
        call.output.tell({**report.as_json(), **extras(looked, ordered=len(looked.survey.ready))})
    code = finished(call, report, signalled, strict=strict, tolerate=report.tolerate)
    return 0 if left_running(report, options) and signalled is None else code


def _nothing(call: Invocation, looked: "Looked", code: int | None) -> int:
    """End a command that has nothing to do, as one that is run once more has."""
    report = looked.report
    if call.output.json:
        call.output.tell({**report.as_json(), **NOTHING})
    left = report.send["pending"] + report.send["in_flight"]
    more = f"; {left:,} wait to be sent: `campaign resume {report.campaign}@{report.run}`" if left else ""
    which = NONE[looked.survey.which.value] + (f" with code {code}" if code is not None else "")
    call.output.say(f"no message of {report.campaign}@{report.run} {which}: there is nothing to send again{more}")
    return 0


def extras(looked: "Looked", *, ordered: int) -> dict[str, Any]:
    """Spell for `--json` how many were ordered, and who was left out."""
    left_out = {reason.value: len(those) for reason, those in looked.survey.left_out.items()}
    return {"ordered": ordered, "left_out": left_out}


def told(looked: "Looked") -> Iterator[str]:
    """Say before the question what an order would do."""
    from campaign.entrypoints import words  # noqa: PLC0415 - only this command needs it
    from campaign.entrypoints.cli.next_steps import name_of  # noqa: PLC0415 - see above

    survey, count = looked.survey, len(looked.survey.ready)
    yield f"{name_of(looked.report)}: {count:,} {survey.which.value} message{'s' * (count != 1)} to be sent again"
    yield from (f"  left out: {line}" for line in left_out(looked))
    if survey.doubt is not None and count:
        yield f"  risk: {words.risk(survey.doubt.risk, count)}"
    if count:
        yield from _besides(looked)


def _besides(looked: "Looked") -> Iterator[str]:
    """Say what else an order sets going, and what to look at before."""
    from campaign.entrypoints import words  # noqa: PLC0415 - only this command needs it

    survey = looked.survey
    if survey.found.state == "paused" and survey.found.reason:
        yield f"  the run is paused: {words.of(words.RUN_REASON, survey.found.reason).words}; this sets it going again"
    if survey.found.reason in {"dropped", "template"}:
        yield "  look at the template in WhatsApp Manager first: while it is paused there, this is for nothing"
    if survey.found.pending and survey.found.state != "running":
        yield f"  {survey.found.pending:,} more that still wait to be sent go with them"


def left_out(looked: "Looked") -> Iterator[str]:
    """Name those who are left out, reason by reason, by their rows."""
    from campaign.entrypoints import words  # noqa: PLC0415 - only this command needs it

    for reason, those in looked.survey.left_out.items():
        rows = ", ".join(str(each.row) for each in those[:MOST_ROWS]) + ", …" * (len(those) > MOST_ROWS)
        yield f"{len(those):,} {words.of(words.LEFT_OUT, reason.value).words} (row{'s' * (len(those) > 1)} {rows})"
