"""`unknown`: messages that WhatsApp may have taken; look at them, settle them, or send them again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from campaign.entrypoints.cli.agreeing import Count, Given, Reason, agreed, refuse_unasked
from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import Detach, Json, Name, Quiet, Strict, Wait, Yes, named, parse_wait
from campaign.entrypoints.cli.resending import MOST_ROWS, order

if TYPE_CHECKING:
    from campaign.bootstrap.resending import Choice, Looked

app = typer.Typer()

# What the object of `list --json` holds beside the keys of a run.
NOTHING: Final[Mapping[str, Any]] = {"unknown": [], "webhooks": None, "earlier": None, "risk": None}

Rows = Annotated[
    list[int] | None, typer.Option("--row", metavar="N", help="Of this row of the audience alone; repeatable.")
]


@app.callback()
def _group() -> None:
    """Look at messages that WhatsApp may have taken, settle them, or send them again."""


@app.command("list")
def list_them(context: typer.Context, name: Name, *, json: Json = False) -> int:  # noqa: ARG001 - read off the line
    """Show unknown messages, and what sending them again would risk."""
    from campaign.bootstrap.unknown import look  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.unknown_page import page, spelled  # noqa: PLC0415 - see above

    call = invocation(context)
    call.output.name, call.output.empty = named(name), NOTHING
    settings = call.settings()
    looked = call.ask(lambda: look(settings, _choice(name)))
    if call.output.json:
        call.output.tell({**looked.report.as_json(), **spelled(looked.survey)})
    call.output.show(page(looked))
    return 0


@app.command()
def settle(
    context: typer.Context,
    name: Name,
    *,
    accepted: Annotated[bool, typer.Option("--accepted", help="WhatsApp took them: you have seen it.")] = False,
    row: Rows = None,
    reason: Reason = None,
    count: Count = None,
    yes: Yes = False,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Say of unknown messages that WhatsApp took them. Nobody is written to."""
    from campaign.bootstrap.unknown import look  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.bootstrap.unknown import settle as write  # noqa: PLC0415 - see above

    call = invocation(context)
    call.output.name = named(name)
    if not accepted:
        raise UsageMistake(
            "say what is known of them: --accepted",
            remedy="there is nothing else to settle: what WhatsApp did not take may be sent again by `campaign unknown "
            "resend NAME`",
        )
    given = Given(reason, count, yes)
    refuse_unasked(given)
    settings = call.settings()
    looked = call.ask(lambda: look(settings, _choice(name, row)))
    messages = looked.survey.asked
    if not messages:
        call.output.say(f"no message of {name} is unknown: there is nothing to settle")
        report = looked.report
    else:
        call.output.say(_told(looked, name))
        why = agreed(call, given, len(messages), purpose="to count them as taken by WhatsApp")
        report = call.ask(lambda: write(settings, looked, why))
        counts = "1 message counts" if len(messages) == 1 else f"{len(messages):,} messages count"
        call.output.say(f"{counts} as taken by WhatsApp now ({name}); nobody was written to")
    if call.output.json:
        call.output.tell(report.as_json())
    return 0


@app.command()
def resend(
    context: typer.Context,
    name: Name,
    *,
    row: Rows = None,
    reason: Reason = None,
    count: Count = None,
    yes: Yes = False,
    detach: Detach = False,
    wait: Wait = "10m",
    strict: Strict = False,
    json: Json = False,  # noqa: ARG001 - read off the line
    quiet: Quiet = False,
) -> int:
    """Send unknown messages again, once silence says something. Some of these people may have two then."""
    from campaign.bootstrap.launch import LaunchOptions  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    call.output.quiet = quiet
    options = LaunchOptions(detach=detach, wait_seconds=parse_wait(wait))
    return order(call, _choice(name, row), Given(reason, count, yes), options, strict=strict)


def _told(looked: "Looked", name: str) -> str:
    """Say before the question which messages it is about."""
    rows = [each.row for each in looked.survey.asked]
    listed = ", ".join(map(str, rows[:MOST_ROWS])) + ", …" * (len(rows) > MOST_ROWS)
    count = f"{len(rows):,} unknown message{'s' * (len(rows) != 1)}"
    return f"{name}: {count}, row{'s' * (len(rows) != 1)} {listed}; `campaign unknown list {name}` shows what is known"


def _choice(name: str, rows: list[int] | None = None) -> "Choice":
    from campaign.bootstrap.resending import Choice  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.domain.resending import Which  # noqa: PLC0415 - see above

    return Choice(name, Which.UNKNOWN, rows=tuple(rows or ()))
