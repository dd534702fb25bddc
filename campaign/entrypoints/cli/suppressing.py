"""`suppress`: people who must not be written to. Once a command returns, nothing further to them leaves."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import Json
from campaign.entrypoints.cli.progress import Progress

if TYPE_CHECKING:
    from campaign.domain.opt_out import OptOutScope

app = typer.Typer()


class Scope(StrEnum):
    """What a suppression ends."""

    marketing = "marketing"
    all = "all"


Numbers = Annotated[list[str], typer.Argument(metavar="NUMBER...", help="As in +33612345678.")]
Country = Annotated[
    str | None, typer.Option(metavar="CC", help="Whose national numbers they are, as in FR; else write them with +.")
]
WhichScope = Annotated[
    Scope | None, typer.Option(help="marketing, or all messages. Default: `opt_out.scope` of the settings (marketing).")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, without naming anybody; it is kept.")]


@app.callback()
def _group() -> None:
    """Keep people from being written to."""


@app.command()
def add(
    context: typer.Context,
    numbers: Numbers,
    *,
    country: Country = None,
    scope: WhichScope = None,
    reason: Reason = "by command",
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Suppress people; what waits for them is left out.

    When this returns, no further message to them leaves. What is on its way cannot be called back.
    """
    from campaign.bootstrap import suppressing  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli import suppressions_page as page  # noqa: PLC0415 - see above

    call = invocation(context)
    _refuse_blank(reason)
    settings = call.settings()
    done = call.ask(
        lambda: suppressing.add(settings, numbers, scope=_spelled(scope), reason=reason.strip(), country=country)
    )
    if call.output.json:
        call.output.tell(page.added_object(done))
    for line in page.added(done):
        call.output.say(line)
    return 0


@app.command()
def remove(
    context: typer.Context,
    numbers: Numbers,
    *,
    country: Country = None,
    scope: Annotated[Scope | None, typer.Option(help="Only this scope; default: both.")] = None,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Take suppressions back, whoever they came from.

    Somebody who was erased stays suppressed. What was left out stays left out.
    """
    from campaign.bootstrap import suppressing  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli import suppressions_page as page  # noqa: PLC0415 - see above

    call = invocation(context)
    settings = call.settings()
    done = call.ask(lambda: suppressing.remove(settings, numbers, scope=_spelled(scope), country=country))
    if call.output.json:
        call.output.tell(page.removed_object(done))
    for line in page.removed(done):
        call.output.say(line)
    return 0


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file, UTF-8, with a line of column names.")],
    *,
    phone: Annotated[str, typer.Option(metavar="COLUMN", help="The column with the number.")] = "phone",
    country: Country = None,
    scope: WhichScope = None,
    reason: Reason = "by import",
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Suppress everybody in a CSV file; safe to repeat."""
    from campaign.bootstrap import suppressing  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli import suppressions_page as page  # noqa: PLC0415 - see above

    call = invocation(context)
    _refuse_blank(reason)
    settings = call.settings()
    with Progress() as progress:
        done = call.ask(
            lambda: suppressing.import_file(
                settings,
                file,
                phone=phone,
                country=country,
                scope=_spelled(scope),
                reason=reason.strip(),
                progress=progress.show,
            )
        )
    if call.output.json:
        call.output.tell(page.imported_object(done))
    for line in page.imported(done):
        call.output.say(line)
    return 0


@app.command("list")
def list_(context: typer.Context, *, json: Json = False) -> int:  # noqa: ARG001 - read off the line
    """Count who is suppressed, and why."""
    from campaign.bootstrap.suppressing import listing  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli import suppressions_page as page  # noqa: PLC0415 - see above

    call = invocation(context)
    settings = call.settings()
    found = call.ask(lambda: listing(settings))
    if call.output.json:
        call.output.tell(page.listing_object(found))
    for line in page.listing(found):
        call.output.say(line)
    return 0


def _refuse_blank(reason: str) -> None:
    if not reason.strip():
        raise UsageMistake("--reason is empty", remedy="say in a few words why, or leave it out")


def _spelled(scope: Scope | None) -> "OptOutScope | None":
    return scope.value if scope is not None else None
