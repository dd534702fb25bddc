"""`audience import`: a CSV file becomes a list in the ledger."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign.bootstrap.audience import ImportedFile

app = typer.Typer()


@app.callback()
def _group() -> None:
    """Bring lists of people in from files."""


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file, UTF-8, with a line of column names.")],
    *,
    list_name: Annotated[str, typer.Option("--list", metavar="NAME", help="The list to make or replace.")],
    phone: Annotated[str, typer.Option(metavar="COLUMN", help="The column with the number.")] = "phone",
    country: Annotated[
        str | None, typer.Option(metavar="CC", help="Whose national numbers the file holds, as in FR.")
    ] = None,
) -> int:
    """Bring a CSV file in as a list: each number is judged once, each person kept once."""
    from campaign.bootstrap.audience import import_file  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()
    with Progress() as progress:
        done = call.ask(
            lambda: import_file(
                settings, file, list_name=list_name, phone=phone, country=country, progress=progress.show
            )
        )
    for line in _told(done, list_name):
        call.output.say(line)
    return 0


def _told(done: "ImportedFile", name: str) -> "Iterator[str]":
    from campaign.entrypoints import words  # noqa: PLC0415 - only this command needs it

    counts = done.counts
    yield f"list {name}: {counts.imported:,} people out of {counts.rows:,} rows"
    for reason, count in counts.refused.most_common():
        known = words.of(words.NOT_IMPORTED, reason)
        yield f"  {count:>9,}  left out: {known.words}; {known.remedy}"
    if counts.fixed_lines:
        yield f"  {counts.fixed_lines:>9,}  are fixed lines, which only businesses use for WhatsApp"
    if counts.canonicalised:
        yield f"  {counts.canonicalised:>9,}  were respelled, so that each person is known by one number"
    if done.refusals is not None:
        yield f"row by row, with what to do: {done.refusals}"
    yield f"use it with: audience: {{list: {name}}}"
