"""`preview`: what one row of the audience would see on their phone."""

from typing import TYPE_CHECKING, Annotated

import typer

from campaign.entrypoints.cli.failure import NO_GO
from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import CampaignPath, Json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from campaign.bootstrap.row_preview import LeftOut, RowPreview

# Of one message alone, which has the room.
WIDTH = 46


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(preview)


def preview(
    context: typer.Context,
    file: CampaignPath,
    *,
    row: Annotated[int, typer.Option(min=1, metavar="N", help="Which row of the audience; the first is 1.")] = 1,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Show one row's message as its reader would see it. Exit 3: it gets none, and why."""
    from campaign.bootstrap.row_preview import preview_row  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    intent = call.intent(file)
    made = call.ask_showing(lambda screen: preview_row(intent, row, screen.planning))
    if call.output.json:
        call.output.tell({**made.as_json(), "error": None})
    call.output.show(page(made))
    return NO_GO if made.left_out is not None else 0


def page(made: "RowPreview") -> "RenderableType":
    """Lay it out."""
    from rich.console import Group  # noqa: PLC0415 - heavy, and `--help` is not
    from rich.padding import Padding  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    from campaign.entrypoints.cli.bubble_page import bubble, caption  # noqa: PLC0415 - see above

    whose = caption(made.shown) if made.shown is not None else f"row {made.row:,}"
    parts: list[RenderableType] = [Text.assemble((f"\n{made.campaign}", "bold"), f"  {whose}")]
    if made.left_out is not None:
        parts.append(Padding(Text(f"Gets no message: {told(made.left_out)}.", "yellow"), (0, 0, 0, 2)))
    if made.shown is not None and made.left_out is not None:
        parts.append(Padding(Text("What they would have seen:", "dim"), (0, 0, 0, 2)))
    if made.shown is not None:
        parts.append(Padding(bubble(made.shown.bubble, width=WIDTH), (1, 0, 0, 2), expand=False))
        if not made.shown.bubble.known:
            why = "they were not told" if made.told else "WhatsApp cannot be reached"
            note = f"Only what the file fills in is shown, without the template's own words: {why}."
            parts.append(Padding(Text(note, "dim"), (0, 0, 0, 2)))
    return Group(*parts, "")


def told(left_out: "LeftOut") -> str:
    """Say why a row gets no message, and what to do."""
    from campaign.entrypoints import words  # noqa: PLC0415 - heavy, and `--help` is not

    table = words.SKIPPED if left_out.reason in words.SKIPPED else {**words.REFUSED, **words.NO_PREVIEW}
    known = words.of(table, left_out.reason)
    more = left_out.detail or known.remedy
    return f"{known.words}; {more}" if more else known.words
