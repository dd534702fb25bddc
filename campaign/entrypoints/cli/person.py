"""`person` and `erase`: what the ledger knows of one person, and the end of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from campaign.entrypoints import words
from campaign.entrypoints.cli.agreeing import Count, Given, Reason, agreed, reasoned, refuse_unasked
from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import Json, Yes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from campaign.bootstrap.erasing import Erased

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="As in +33612345678.")]
Country = Annotated[
    str | None, typer.Option(metavar="CC", help="Whose national number it is, as in FR; else write it with +.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(person)
    app.command()(erase)


def person(
    context: typer.Context,
    number: Number,
    *,
    country: Country = None,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Show what one person got or not and why, and what they said."""
    from campaign.bootstrap.persons import look_up  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.person_page import page, person_object  # noqa: PLC0415 - see above

    call = invocation(context)
    settings = call.settings()
    known = call.ask(lambda: look_up(settings, number, country=country))
    if call.output.json:
        call.output.tell(person_object(known))
    call.output.show(page(known))
    return 0


def erase(
    context: typer.Context,
    number: Number,
    *,
    country: Country = None,
    reason: Reason = None,
    count: Count = None,
    yes: Yes = False,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Forget a person for good. They are never written to again."""
    from campaign.bootstrap import erasing  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.domain.numbers import mask  # noqa: PLC0415 - see above

    call = invocation(context)
    given = Given(reason, count, yes)
    refuse_unasked(given)
    settings = call.settings()
    found, known = call.ask(lambda: erasing.known_of(settings, number, country=country))
    for line in _asked(mask(found.e164), known.messages, known.erased_at):
        call.output.say(line)
    # Whoever erases once more, as after a failure, has agreed already.
    again = known.erased_at is not None and not known.messages
    why = reasoned(call, given) if again else agreed(call, given, known.messages, purpose="to erase this person")
    done = call.ask(lambda: erasing.erase(settings, found, reason=why))
    if call.output.json:
        call.output.tell(done.as_json())
    for line in _told(done):
        call.output.say(line)
    return 0


def _asked(number: str, messages: int, erased_at: "datetime | None") -> "Iterator[str]":
    if erased_at is not None and not messages:
        yield f"{number} was erased on {words.moment(erased_at)}; what has come since goes as well"
        return
    before = f" (erased before, on {words.moment(erased_at)})" if erased_at else ""
    lose = "loses its" if messages == 1 else "lose their"
    yield (
        f"{number}{before}: {words.counted(messages, 'message')} {lose} number, variables and message ID; what they "
        "wrote and chose goes, and every raw webhook about them"
    )
    yield "  this cannot be taken back, and they are never written to again, whatever list or file they stand in"


def _told(done: "Erased") -> "Iterator[str]":
    nothing = not (done.messages or done.bodies or done.unread)
    yield (
        f"nothing more of {done.number} was left"
        if nothing
        else (
            f"{done.number} is erased: out of {words.counted(done.messages, 'message')} and "
            f"{words.counted(done.bodies, 'raw webhook')}; states and dates stay in the counts"
        )
    )
    if done.unread:
        wait = "wait" if done.unread != 1 else "waits"
        yield (
            f"  {words.counted(done.unread, 'webhook')} about them {wait} to be read: start `campaign serve`, which "
            "empties each as it reads it"
        )
    yield "  backups made before still hold it, and so do the files and databases that audiences come from"
