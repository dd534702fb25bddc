"""`export`: what the ledger holds of a run, as a file for a spreadsheet."""

from pathlib import Path
from typing import Annotated

import typer

from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.left_out import Force, opened, told
from campaign.entrypoints.cli.options import Name, named


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(export)


def export(
    context: typer.Context,
    name: Name,
    *,
    left_out: Annotated[
        Path, typer.Option(metavar="OUT.csv", help="Write who got no message: row, reason, what to do.")
    ],
    force: Force = False,
) -> int:
    """Write everybody whom a run left out to a file, and why."""
    from campaign.bootstrap.exporting import export_left_out  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    call.output.name = named(name)
    settings = call.settings()
    with opened(left_out, force=force) as file:
        call.ask(lambda: export_left_out(settings, name, file))
    call.output.say(told(file))
    return 0
