"""`status` and `report`: looks at the ledger that change nothing."""

import typer

from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import Json, MaybeName, Name
from campaign.entrypoints.cli.sending import named


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(status)
    app.command()(report)


def status(context: typer.Context, name: MaybeName = None, *, json: Json = False) -> int:  # noqa: ARG001 - read off the line
    """Show every run, or how far one is."""
    from campaign.bootstrap.looking import list_runs, report_run  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.report_page import runs_table, summary  # noqa: PLC0415 - see above

    call = invocation(context)
    call.output.name = named(name) if name is not None else (None, None)
    settings = call.settings()
    if name is not None:
        found = call.ask(lambda: report_run(settings, name))
        if call.output.json:
            call.output.tell(found.as_json())
        call.output.show(summary(found))
        return 0
    runs = call.ask(lambda: list_runs(settings))
    if call.output.json:
        call.output.tell({"runs": [each.as_json() for each in runs], "error": None})
    elif runs:
        call.output.show(runs_table(runs))
    else:
        call.output.say("no runs yet; `campaign launch FILE` makes the first")
    return 0


def report(context: typer.Context, name: Name, *, json: Json = False) -> int:  # noqa: ARG001 - read off the line
    """Show what became of everybody, and what to do next."""
    from campaign.bootstrap.looking import report_run  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.report_page import page  # noqa: PLC0415 - see above

    call = invocation(context)
    call.output.name = named(name)
    settings = call.settings()
    found = call.ask(lambda: report_run(settings, name))
    if call.output.json:
        call.output.tell(found.as_json())
    call.output.show(page(found))
    return 0
