"""`test`: real messages to one's own numbers, before anybody else gets one."""

from typing import TYPE_CHECKING, Annotated

import typer

from campaign.domain.verdict import exit_code
from campaign.entrypoints.cli.agreeing import require_somebody_to_ask
from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.invocation import Invocation, invocation
from campaign.entrypoints.cli.options import CampaignPath, Json, Wait, Yes, parse_wait

if TYPE_CHECKING:
    from rich.console import RenderableType

    from campaign.adapters.postgres.trials import Became
    from campaign.bootstrap.testing import Tested


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("test")(try_out)


def try_out(
    context: typer.Context,
    file: CampaignPath,
    more: Annotated[list[str] | None, typer.Argument(metavar="NUMBER", help="More numbers.", hidden=True)] = None,
    *,
    to: Annotated[list[str], typer.Option("--to", metavar="NUMBER...", help="Whom to send it to: your own phones.")],
    count: Annotated[
        int | None, typer.Option(metavar="N", help="How many people get it; any other number is refused.")
    ] = None,
    variant: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which variant to send; else the first recipient's.")
    ] = None,
    yes: Yes = False,
    wait: Wait = "2m",
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Send the message to your own numbers. It is what the first recipient of the audience would get."""
    from campaign.bootstrap.launch import LaunchOptions  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.bootstrap.testing import PREFIX, numbers_of, try_message  # noqa: PLC0415 - see above

    call = invocation(context)
    options = LaunchOptions(ask=not yes and count is None, wait_seconds=parse_wait(wait))
    if options.ask:
        require_somebody_to_ask(call, f"add --count {len(to) + len(more or [])} or --yes")
    intent = call.intent(file)
    call.output.name = (PREFIX + intent.campaign.campaign, None)
    numbers = numbers_of([*to, *(more or [])], country=intent.campaign.audience.country)
    _agree(len(numbers), count)
    tested, signalled = call.follow(
        lambda screen, stop: try_message(intent, numbers, options, screen, stop, variant=variant)
    )
    _tell(call, tested)
    if signalled is not None and tested.report.state != "finished":
        return signalled
    return exit_code(tested.report, strict=True, tolerate=0.0)  # type: ignore[arg-type] # a run that exists has a state


def _agree(numbers: int, count: int | None) -> None:
    if count is not None and count != numbers:
        people = "person gets" if numbers == 1 else "people get"
        raise UsageMistake(f"{numbers} {people} it, not {count}; nothing was sent", remedy=f"write --count {numbers}")


def _tell(call: Invocation, tested: "Tested") -> None:
    if call.output.json:
        call.output.tell(tested.as_json())
    else:
        call.output.show(page(tested))


def page(tested: "Tested") -> "RenderableType":
    """Lay out what became of each number, and what to do where it was not sent."""
    from rich.console import Group  # noqa: PLC0415 - heavy, and `--help` is not
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    from campaign.entrypoints.cli.next_steps import name_of, next_steps  # noqa: PLC0415 - see above

    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, show_header=False)
    for number, each in tested.numbers:
        said, remedy, style = told(each)
        table.add_row(Text(f"  {number}", "bold"), Text(said, style), Text(remedy, "dim"))
    variant = f", variant {tested.variant}" if tested.variant else ""
    title = Text.assemble(
        (f"\n{name_of(tested.report)}", "bold"), f"  as row {tested.row} of the audience would get it{variant}"
    )
    return Group(title, table, *next_steps(tested.report), "")


def told(each: "Became") -> tuple[str, str, str]:
    """Say what became of one message, what to do about it, and in which colour."""
    from campaign.entrypoints import words  # noqa: PLC0415 - only this command needs it

    match each.state:
        case "accepted" if each.delivery == "failed" and each.code is not None:
            said, remedy = words.answer(str(each.code))
            return f"taken by WhatsApp, but not delivered: {said}", remedy, "red"
        case "accepted":
            known = words.of(words.DELIVERY, each.delivery).words
            news = "look at the phone" if each.delivery == "none" else known
            return "taken by WhatsApp", news, "yellow" if each.delivery == "held" else "green"
        case "rejected":
            said, remedy = words.answer(str(each.code))
            return f"refused by WhatsApp: {said}", remedy, "red"
        case "skipped":
            said, remedy = words.of(words.SKIPPED, each.reason or "")
            return f"left out: {said}", remedy, "yellow"
        case state:
            return words.of(words.SEND, state).words, "", "yellow"
