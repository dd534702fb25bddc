"""`pause` and `cancel`: once they return, nothing further of the run leaves."""

from typing import TYPE_CHECKING, Annotated

import typer

from campaign.entrypoints.cli.agreeing import Count, Given, Reason, agreed, refuse_unasked
from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import Json, MaybeName, Name, Yes, named, one_or_all

if TYPE_CHECKING:
    from campaign.report import RunReport


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(pause)
    app.command()(cancel)


def pause(
    context: typer.Context,
    name: MaybeName = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every running run.")] = False,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Stop sending for now. When this returns, no further message of the run leaves."""
    from campaign.bootstrap.steering import pause as stop_sending  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.runs_page import runs_table  # noqa: PLC0415 - see above

    call = invocation(context)
    one_or_all(name, every=every)
    call.output.name = named(name) if name is not None else (None, None)
    settings = call.settings()
    reports = call.ask(lambda: stop_sending(settings, name))
    if call.output.json:
        call.output.tell(
            reports[0].as_json() if name else {"runs": [each.as_json() for each in reports], "error": None}
        )
    elif reports:
        call.output.show(runs_table(reports))
    else:
        call.output.say("nothing is running")
    return 0


def cancel(
    context: typer.Context,
    name: Name,
    *,
    reason: Reason = None,
    count: Count = None,
    yes: Yes = False,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Give up what has not been sent yet, for good."""
    from campaign.bootstrap.looking import report_run  # noqa: PLC0415 - see above
    from campaign.bootstrap.steering import cancel as give_up  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    call.output.name = named(name)
    given = Given(reason, count, yes)
    refuse_unasked(given)
    settings = call.settings()
    before = call.ask(lambda: report_run(settings, name))
    if before.state in {"finished", "cancelled"}:
        call.output.say(f"{name} is {before.state}: there is nothing to cancel")
        after = before
    else:
        call.output.latest = before
        why = agreed(call, given, before.send["pending"], purpose="to cancel what still waits")
        after = call.ask(lambda: give_up(settings, name, reason=why))
        call.output.say(_cancelled(name, before, after))
    if call.output.json:
        call.output.tell(after.as_json())
    return 0


def _cancelled(name: str, before: "RunReport", after: "RunReport") -> str:
    cancelled = after.send["cancelled"] - before.send["cancelled"]
    text = f"{name} is cancelled: {cancelled:,} messages were not sent, {after.send['accepted']:,} had been"
    if after.send["in_flight"]:
        text += f"; {after.send['in_flight']:,} are on their way and are settled by their sender"
    return text
