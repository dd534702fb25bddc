"""`status` and `report`: looks at the ledger that change nothing."""

from typing import TYPE_CHECKING, Any

import typer

from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import Json, MaybeName, Name, named

if TYPE_CHECKING:
    from campaign.ports import Usage


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(status)
    app.command()(report)


def status(context: typer.Context, name: MaybeName = None, *, json: Json = False) -> int:  # noqa: ARG001 - read off the line
    """Show every run, or how far one is."""
    from campaign.bootstrap.looking import overview, report_run  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.domain.portfolio import told  # noqa: PLC0415 - see above
    from campaign.entrypoints.cli.report_page import summary  # noqa: PLC0415 - see above
    from campaign.entrypoints.cli.runs_page import runs_table  # noqa: PLC0415 - see above

    call = invocation(context)
    call.output.name = named(name) if name is not None else (None, None)
    settings = call.settings()
    if name is not None:
        found = call.ask(lambda: report_run(settings, name))
        if call.output.json:
            call.output.tell(found.as_json())
        call.output.show(summary(found))
        return 0
    runs, used = call.ask(lambda: overview(settings))
    if call.output.json:
        portfolio = _limit_json(settings.account.portfolio_id, used) if used is not None else None
        call.output.tell({"runs": [each.as_json() for each in runs], "portfolio": portfolio, "error": None})
    elif runs:
        call.output.show(runs_table(runs))
        if used is not None and used.limit.people is not None:
            call.output.say(told(used.limit, used.counted))
    else:
        call.output.say("no runs yet; `campaign launch FILE` makes the first")
    return 0


def _limit_json(portfolio: str, used: "Usage") -> dict[str, Any]:
    """Spell a portfolio's limit for `--json`; people None is unlimited."""
    people, span, source = used.limit.people, used.limit.span.total_seconds(), used.limit.source
    until = used.full_until.isoformat() if used.full_until is not None else None
    return {
        "name": portfolio,
        "people": people,
        "window_s": span,
        "source": source,
        "used": used.counted,
        "full_until": until,
    }


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
