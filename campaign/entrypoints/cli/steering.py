"""`pause` and `cancel`: once they return, nothing further of the run leaves."""

from typing import TYPE_CHECKING, Annotated

import typer

from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.invocation import Invocation, invocation
from campaign.entrypoints.cli.options import MaybeName, Name, Yes
from campaign.entrypoints.cli.sending import one_or_all

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
) -> int:
    """Stop sending for now: when this returns, no further message of the run leaves."""
    from campaign.bootstrap.steering import pause as stop_sending  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.report_page import runs_table  # noqa: PLC0415 - see above

    call = invocation(context)
    one_or_all(name, every=every)
    settings = call.settings()
    reports = call.ask(lambda: stop_sending(settings, name))
    if reports:
        call.output.show(runs_table(reports))
    else:
        call.output.say("nothing is running")
    return 0


def cancel(
    context: typer.Context,
    name: Name,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with the run.")],
    count: Annotated[
        int | None, typer.Option(metavar="N", help="How many waiting messages to cancel; any other number is refused.")
    ] = None,
    yes: Yes = False,
) -> int:
    """Give up what has not been sent yet, for good."""
    from campaign.bootstrap.looking import report_run  # noqa: PLC0415 - see above
    from campaign.bootstrap.steering import cancel as give_up  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    if not reason.strip():
        raise UsageMistake("--reason is empty", remedy="say in a few words why; it is kept with the run")
    settings = call.settings()
    before = call.ask(lambda: report_run(settings, name))
    if before.state in {"finished", "cancelled"}:
        call.output.say(f"{name} is {before.state}: there is nothing to cancel")
        return 0
    _agree(call, before, count=count, yes=yes)
    after = call.ask(lambda: give_up(settings, name, reason=reason))
    call.output.say(_cancelled(name, before, after))
    return 0


def _agree(call: Invocation, run: "RunReport", *, count: int | None, yes: bool) -> None:
    """Insist on the number of waiting messages, typed or given; a number is not typed by accident."""
    from campaign.entrypoints.cli.running import Stop, draining  # noqa: PLC0415 - only this command asks here
    from campaign.entrypoints.cli.screen import at_terminal, typed_number  # noqa: PLC0415 - see above

    waiting = run.send["pending"]
    if count is not None and count != waiting:
        raise UsageMistake(
            f"{waiting:,} messages wait, not {count:,}; nothing was cancelled",
            remedy="`campaign pause` first if the number keeps changing",
        )
    if yes or count is not None:
        return
    if not at_terminal():
        raise UsageMistake("there is no terminal to ask at", remedy=f"add --count {waiting} or --yes")
    stop = Stop(last_words=call.output.last_words)
    if not draining(lambda stop: typed_number(waiting, "to cancel them", stop=stop.event), stop):
        raise UsageMistake("nothing was cancelled", remedy="type the number that is asked for")


def _cancelled(name: str, before: "RunReport", after: "RunReport") -> str:
    cancelled = after.send["cancelled"] - before.send["cancelled"]
    text = f"{name} is cancelled: {cancelled:,} messages were not sent, {after.send['accepted']:,} had been"
    if after.send["in_flight"]:
        text += f"; {after.send['in_flight']:,} are on their way and are settled by their sender"
    return text
