"""`new` and `templates`: from an approved template to a campaign's file."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from campaign.entrypoints.cli.invocation import Invocation, invocation
from campaign.entrypoints.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from campaign.bootstrap.authoring import Drafted
    from campaign.domain.template_definition import TemplateDefinition

_STYLES: Final = {"APPROVED": "green", "GREEN": "green", "YELLOW": "yellow", "RED": "red"}


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(templates)
    app.command()(new)


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The campaign's name, and its file's.")],
    *,
    template: Annotated[str, typer.Option(metavar="T", help="The template to send: see `campaign templates`.")],
    language: Annotated[str | None, typer.Option(metavar="L", help="Its language, where it has several.")] = None,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Write a campaign's file for a template, ready to be filled in."""
    from campaign.bootstrap.authoring import new_campaign  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()
    folder = call.settings_path.parent / "campaigns"
    drafted = call.ask(lambda: new_campaign(settings, name, folder=folder, template=template, language=language))
    if call.output.json:
        told = {"file": str(drafted.path), "columns": list(drafted.columns), "template": spelled(drafted.definition)}
        call.output.tell({**told, "error": None})
    _say(call, drafted)
    return 0


def _say(call: Invocation, drafted: "Drafted") -> None:
    path, definition = drafted.path, drafted.definition
    call.output.say(f"{path}: written, for the template {definition.name} ({definition.language})")
    if not drafted.is_sendable:
        status = definition.status or "of an unknown status"
        call.output.say(f"  It is {status}: nothing is sent with it until WhatsApp approves it.")
    for each in drafted.left:
        call.output.say(f"  Still to be written: {each}")
    call.output.say(
        f"  1. put the people into {path.with_suffix('.csv')}, with the columns {', '.join(drafted.columns)}"
    )
    call.output.say(f"  2. campaign check {path}")
    call.output.say(f"  3. campaign plan {path}")
    call.output.say(f"  4. campaign test {path} --to YOUR_NUMBER")
    call.output.say(f"  5. campaign launch {path}")


def templates(context: typer.Context, *, json: Json = False) -> int:  # noqa: ARG001 - read off the line
    """List the templates there are: status, quality, variables."""
    from campaign.bootstrap.authoring import list_templates  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()
    found = call.ask(lambda: list_templates(settings))
    if call.output.json:
        call.output.tell({"templates": [spelled(each) for each in found], "error": None})
    elif found:
        call.output.show(page(found))
    else:
        call.output.say("the account has no templates; make one in WhatsApp Manager, Message templates")
    return 0


def spelled(definition: "TemplateDefinition") -> dict[str, Any]:
    """Spell a template for `--json`."""
    return {
        "name": definition.name,
        "language": definition.language,
        "status": definition.status,
        "category": definition.category,
        "quality": definition.quality,
        "variables": list(definition.variables),
    }


def page(found: "Sequence[TemplateDefinition]") -> "RenderableType":
    """Lay the templates out, one a line."""
    from rich.table import Table  # noqa: PLC0415 - heavy, and `--help` is not
    from rich.text import Text  # noqa: PLC0415 - see above

    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("template", "language", "status", "category", "quality", "variables"):
        table.add_column(heading, header_style="dim")
    for each in found:
        words = (each.status, each.category, each.quality)
        told = [Text(word.lower().replace("_", " "), _STYLES.get(word, "")) for word in words]
        table.add_row(Text(each.name, "bold"), each.language, *told, ", ".join(each.variables) or "none")
    return table
