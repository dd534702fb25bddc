"""`plan`, `launch`, `resume` and `watch`: the commands that lead to messages."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from campaign.domain.errors import AlreadyRunning, CampaignError
from campaign.domain.verdict import exit_code
from campaign.entrypoints.cli.failure import UsageMistake, of_error
from campaign.entrypoints.cli.invocation import Invocation, invocation
from campaign.entrypoints.cli.options import (
    CampaignPath,
    Detach,
    Json,
    MaybeName,
    Name,
    Quiet,
    Strict,
    Wait,
    Yes,
    parse_wait,
)

if TYPE_CHECKING:
    from campaign.bootstrap.intent import Intent
    from campaign.bootstrap.launch import LaunchOptions
    from campaign.entrypoints.cli.screen import Screen
    from campaign.report import RunReport

NO_GO: Final = 3


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(plan)
    app.command()(launch)
    app.command()(resume)
    app.command()(watch)


def plan(context: typer.Context, file: CampaignPath, *, json: Json = False) -> int:  # noqa: ARG001 - read off the line
    """Show who would get what, and who would be refused. Sends nothing; exit 3 is a no-go."""
    from campaign.bootstrap.rehearsal import rehearse  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.plan_page import page  # noqa: PLC0415 - see above

    call = invocation(context)
    intent = intent_of(call, file)
    made = call.ask_showing(lambda screen: rehearse(intent, screen.planning))
    if call.output.json:
        error = None if made.refusal is None else of_error(made.refusal, tracebacks=False).as_json()
        call.output.tell({**made.as_json(), "error": error})
    call.output.show(page(made))
    return 0 if made.go else NO_GO


def launch(
    context: typer.Context,
    file: CampaignPath,
    *,
    run: Annotated[str, typer.Option(metavar="KEY", help="Which run of this campaign.")] = "once",
    yes: Yes = False,
    detach: Detach = False,
    wait: Wait = "10m",
    strict: Strict = False,
    json: Json = False,  # noqa: ARG001 - read off the line
    quiet: Quiet = False,
) -> int:
    """Plan what is not planned yet, and send until it is done. The same command again continues."""
    from campaign.bootstrap.launch import LaunchOptions  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.bootstrap.launch import launch as send  # noqa: PLC0415 - see above

    call = invocation(context)
    call.output.quiet = quiet
    options = LaunchOptions(run=run, ask=not yes, detach=detach, wait_seconds=parse_wait(wait))
    if not yes:
        require_somebody_to_ask(call, "look at `campaign plan FILE`, then add --yes to launch unasked")
    intent = intent_of(call, file, run)
    try:
        report, signalled = call.follow(lambda screen, stop: send(intent, options, screen, stop))
    except AlreadyRunning:
        _note_other(call, f"{intent.campaign.campaign}@{run}")
        raise
    if detach and report.state in {"running", "scheduled"} and signalled is None:
        _tell(call, report)
        return 0
    return finished(call, report, signalled, strict=strict, tolerate=intent.campaign.quality.tolerate)


def resume(
    context: typer.Context,
    name: MaybeName = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every paused run.")] = False,
    detach: Detach = False,
    wait: Wait = "10m",
    strict: Strict = False,
    json: Json = False,  # noqa: ARG001 - read off the line
    quiet: Quiet = False,
) -> int:
    """Set a paused run going again, and send until it is done."""
    from campaign.bootstrap.launch import LaunchOptions  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    call.output.quiet = quiet
    options = LaunchOptions(detach=detach, wait_seconds=parse_wait(wait))
    one_or_all(name, every=every)
    if name is None:
        return _resume_all(call, options, strict=strict)
    return _resume(call, name, options, strict=strict)


def _resume(call: Invocation, name: str, options: "LaunchOptions", *, strict: bool) -> int:
    from campaign.bootstrap.launch import resume as send  # noqa: PLC0415 - heavy, and `--help` is not

    call.output.name = named(name)
    settings = call.settings()
    try:
        report, signalled = call.follow(lambda screen, stop: send(settings, name, options, screen, stop))
    except AlreadyRunning:
        _note_other(call, name)
        raise
    code = finished(call, report, signalled, strict=strict, tolerate=report.tolerate)
    return 0 if left_running(report, options) and signalled is None else code


def left_running(report: "RunReport", options: "LaunchOptions") -> bool:
    """Tell a run that a worker sends, because its command was told to leave."""
    return options.detach and report.state == "running"


def _resume_all(call: Invocation, options: "LaunchOptions", *, strict: bool) -> int:
    from campaign.bootstrap.launch import resume as send  # noqa: PLC0415 - see above
    from campaign.bootstrap.looking import list_runs  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.next_steps import name_of  # noqa: PLC0415 - see above
    from campaign.entrypoints.cli.report_page import runs_table  # noqa: PLC0415 - see above

    settings = call.settings()

    async def resumed(screen: "Screen", stop: asyncio.Event) -> "list[RunReport]":
        paused = [name_of(each) for each in await list_runs(settings) if each.state == "paused"]
        return list(await asyncio.gather(*(send(settings, each, options, screen, stop) for each in paused)))

    reports, signalled = call.follow(resumed)
    if call.output.json:
        call.output.tell({"runs": [each.as_json() for each in reports], "error": None})
    call.output.show(runs_table(reports))
    ended = [each for each in reports if not left_running(each, options)]
    codes = [exit_code(each, strict=strict, tolerate=each.tolerate) for each in ended]  # type: ignore[arg-type] # a run that exists has a state
    return signalled or max(codes, default=0)


def watch(context: typer.Context, name: Name, *, strict: Strict = False) -> int:
    """Follow a run that other processes send, until it is done."""
    from campaign.bootstrap.looking import watch_run  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    call.output.name = named(name)
    settings = call.settings()
    report, signalled = call.follow(lambda screen, stop: watch_run(settings, name, screen, stop))
    return finished(call, report, signalled, strict=strict, tolerate=report.tolerate)


def finished(call: Invocation, report: "RunReport", signalled: int | None, *, strict: bool, tolerate: float) -> int:
    """Tell what became of a run, and turn that into the exit code."""
    _tell(call, report)
    if signalled is not None and report.state != "finished":
        return signalled
    return exit_code(report, strict=strict, tolerate=tolerate)  # type: ignore[arg-type] # a run that exists has a state


def intent_of(call: Invocation, file: Path, run: str | None = None) -> "Intent":
    """Read a campaign's file with the settings it is for."""
    from campaign.bootstrap.intent import Intent  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.settings import load_campaign  # noqa: PLC0415 - see above

    settings = call.settings()
    campaign = load_campaign(file, os.environ, settings)
    call.output.name = (campaign.campaign, run)
    return Intent(settings, campaign, file)


def named(name: str) -> tuple[str, str | None]:
    """Split CAMPAIGN@RUN."""
    campaign, _, run = name.partition("@")
    return campaign, run or None


def one_or_all(name: str | None, *, every: bool) -> None:
    """Insist on a name or `--all`, and not on both."""
    if (name is None) != every:
        raise UsageMistake(
            "name a run, or write --all" if name is None else "a name and --all contradict each other",
            remedy="see `campaign status` for the runs there are",
        )


def _tell(call: Invocation, report: "RunReport") -> None:
    from campaign.entrypoints.cli.report_page import summary  # noqa: PLC0415 - heavy, and `--help` is not

    if call.output.json:
        call.output.tell(report.as_json())
    else:
        call.output.show(summary(report))


def require_somebody_to_ask(call: Invocation, remedy: str) -> None:
    """Refuse a command that would have to ask and cannot; `remedy` says which options answer beforehand."""
    from campaign.entrypoints.cli.screen import at_terminal  # noqa: PLC0415 - heavy, and `--help` is not

    if call.output.quiet:
        raise UsageMistake("--quiet asks nothing", remedy="add --yes to launch without being asked")
    if not at_terminal():
        raise UsageMistake("there is no terminal to ask at", remedy=remedy)


def _note_other(call: Invocation, name: str) -> None:
    """Count what the other process has done, for the object that `--json` owes."""
    if call.output.json:
        from campaign.bootstrap.looking import report_run  # noqa: PLC0415 - heavy, and `--help` is not

        settings = call.settings()
        try:
            call.output.latest = call.ask(lambda: report_run(settings, name))
        except CampaignError:
            return
