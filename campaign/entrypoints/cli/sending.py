"""`launch`, `resume` and `watch`: the commands that lead to messages."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

import typer

from campaign.domain.errors import AlreadyRunning, CampaignError, RefusedByPlan
from campaign.domain.verdict import exit_code
from campaign.entrypoints.cli.agreeing import require_somebody_to_ask
from campaign.entrypoints.cli.failure import NO_GO, Failure, UsageMistake, of_error
from campaign.entrypoints.cli.failure import report as tell_failure
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
    named,
    one_or_all,
    parse_wait,
)

if TYPE_CHECKING:
    from campaign.bootstrap.launch import LaunchOptions
    from campaign.domain.plan_id import PlanId
    from campaign.entrypoints.cli.screen import Screen
    from campaign.report import RunReport


LONGEST_KEY: Final = 100


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(launch)
    app.command()(resume)
    app.command()(watch)


def launch(
    context: typer.Context,
    file: CampaignPath,
    *,
    run: Annotated[str, typer.Option(metavar="KEY", help="Which run of this campaign.")] = "once",
    plan: Annotated[
        str | None, typer.Option(metavar="ID", help="Launch nothing but what `campaign plan` showed with this ID.")
    ] = None,
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
    refuse_nameless(run)
    options = LaunchOptions(run=run, ask=not yes, detach=detach, wait_seconds=parse_wait(wait), plan=_plan_id(plan))
    if not yes:
        require_somebody_to_ask(call, "look at `campaign plan FILE`, then add --yes to launch unasked")
    intent = call.intent(file, run)
    try:
        report, signalled = call.follow(lambda screen, stop: send(intent, options, screen, stop))
    except AlreadyRunning:
        _note_other(call, f"{intent.campaign.campaign}@{run}")
        raise
    if detach and report.state in {"running", "scheduled"} and signalled is None:
        _tell(call, report)
        return 0
    return finished(call, report, signalled, strict=strict, tolerate=intent.campaign.quality.tolerate)


def refuse_nameless(run: str) -> None:
    """Refuse a key that nobody meant: in cron, `--run "$(date ...)"` may come to nothing, and would be a new run."""
    if not run.strip() or not run.isprintable() or len(run) > LONGEST_KEY:
        raise UsageMistake(
            "--run names no run", remedy=f"write a word, as in --run 2026-12, of at most {LONGEST_KEY} letters"
        )


def _plan_id(text: str | None) -> "PlanId | None":
    from campaign.domain.plan_id import PlanId  # noqa: PLC0415 - only a few launches need it

    found = PlanId.parse(text) if text is not None else None
    if text is not None and found is None:
        raise UsageMistake(
            "that is no plan's ID",
            where="--plan",
            remedy="copy it from `campaign plan FILE`, as in --plan 3f6a01c2-9be40d17-5d1c7a08",
        )
    return found


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
    from campaign.bootstrap.resuming import resume as send  # noqa: PLC0415 - heavy, and `--help` is not

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
    from campaign.bootstrap.looking import list_runs  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.bootstrap.resuming import resume as send  # noqa: PLC0415 - see above
    from campaign.entrypoints.cli.next_steps import name_of  # noqa: PLC0415 - see above
    from campaign.entrypoints.cli.runs_page import runs_table  # noqa: PLC0415 - see above

    settings = call.settings()
    refusals: list[Failure] = []

    async def resumed(screen: "Screen", stop: asyncio.Event) -> "list[RunReport]":
        async def one(paused: "RunReport") -> "RunReport":
            try:
                return await send(settings, name_of(paused), options, screen, stop)
            except RefusedByPlan as error:
                # One that WhatsApp would refuse keeps no other from going on.
                refusals.append(of_error(error, tracebacks=False).naming((paused.campaign, paused.run)))
                return paused

        return list(await asyncio.gather(*(one(each) for each in await list_runs(settings) if each.state == "paused")))

    reports, signalled = call.follow(resumed)
    for each in refusals:
        tell_failure(each)
    if call.output.json:
        error = refusals[0].as_json() if refusals else None
        call.output.tell({"runs": [each.as_json() for each in reports], "error": error})
    call.output.show(runs_table(reports))
    ended = [each for each in reports if not left_running(each, options)]
    codes = [exit_code(each, strict=strict, tolerate=each.tolerate) for each in ended]  # type: ignore[arg-type] # a run that exists has a state
    return signalled or (NO_GO if refusals else max(codes, default=0))


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


def _tell(call: Invocation, report: "RunReport") -> None:
    from campaign.entrypoints.cli.report_page import summary  # noqa: PLC0415 - heavy, and `--help` is not

    if call.output.json:
        call.output.tell(report.as_json())
    else:
        call.output.show(summary(report))


def _note_other(call: Invocation, name: str) -> None:
    """Count what the other process has done, for the object that `--json` owes."""
    if call.output.json:
        from campaign.bootstrap.looking import report_run  # noqa: PLC0415 - heavy, and `--help` is not

        settings = call.settings()
        try:
            call.output.latest = call.ask(lambda: report_run(settings, name))
        except CampaignError:
            return
