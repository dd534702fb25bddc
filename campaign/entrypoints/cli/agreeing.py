"""An order that cannot be taken back: how many messages it is about, and why, typed or given beforehand."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from campaign.entrypoints.cli.asking import at_terminal, typed_line, typed_number
from campaign.entrypoints.cli.failure import UsageMistake

if TYPE_CHECKING:
    from campaign.entrypoints.cli.invocation import Invocation
    from campaign.entrypoints.cli.running import Stop

T = TypeVar("T")

Reason = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Why, without naming anybody; it is kept. Asked for at a terminal.")
]
Count = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="How many messages it is about; any other number is refused.")
]


@dataclass(frozen=True, slots=True)
class Given:
    """What was said on the command line before anybody could be asked."""

    reason: str | None
    count: int | None
    yes: bool


def refuse_unasked(given: Given) -> None:
    """Raise UsageMistake at once where somebody would have to be asked and nobody is there."""
    if given.reason is not None:
        _check(given.reason)
    elif not at_terminal():
        raise UsageMistake("no reason is given", remedy="add --reason TEXT; it is kept")


def _check(reason: str) -> None:
    """Refuse a reason that says nothing, or names somebody: it is kept, and shown."""
    from campaign.bootstrap.suppressing import refuse_numbers_in  # noqa: PLC0415 - heavy, and `--help` is not

    if not reason.strip():
        raise UsageMistake("--reason is empty", remedy="say in a few words why; it is kept")
    refuse_numbers_in(reason)


def require_somebody_to_ask(call: "Invocation", remedy: str) -> None:
    """Refuse a command that would have to ask and cannot; `remedy` says which options answer beforehand."""
    if call.output.quiet:
        raise UsageMistake("--quiet asks nothing", remedy="add --yes to launch without being asked")
    if not at_terminal():
        raise UsageMistake("there is no terminal to ask at", remedy=remedy)


def agreed(call: "Invocation", given: Given, number: int, *, purpose: str) -> str:
    """Insist on the number and the reason, typed or given; returns the reason. A number is not typed by accident.

    Raises UsageMistake for another number or none, Stopped when a signal ends the question.
    """
    messages = f"{number:,} message{'s' * (number != 1)}"
    if given.count is not None and given.count != number:
        raise UsageMistake(
            f"it is about {messages}, not {given.count:,}; nothing was done",
            remedy=f"--count {number} goes ahead, if that is right",
        )
    if not given.yes and given.count is None:
        if not at_terminal():
            raise UsageMistake("there is no terminal to ask at", remedy=f"add --count {number} or --yes")
        if not _asking(call, lambda stop: typed_number(number, purpose, stop=stop.event)):
            raise UsageMistake("nothing was done", remedy="type the number that is asked for")
    return reasoned(call, given)


def reasoned(call: "Invocation", given: Given) -> str:
    """Insist on the reason alone, typed or given."""
    return given.reason.strip() if given.reason is not None else _typed_reason(call)


def _typed_reason(call: "Invocation") -> str:
    reason = _asking(call, lambda stop: typed_line("Why? Name nobody: it is kept.", stop=stop.event))
    if not reason:
        raise UsageMistake("nothing was done", remedy="say in a few words why; it is kept")
    _check(reason)
    return reason


def _asking(call: "Invocation", question: "Callable[[Stop], Awaitable[T]]") -> T:
    from campaign.entrypoints.cli.running import Stop, Stopped, draining  # noqa: PLC0415 - only orders ask here

    stop = Stop(last_words=call.output.last_words)
    answer = draining(lambda _: question(stop), stop)
    if stop.code is not None:
        sys.stderr.write("\nnothing was done\n")
        raise Stopped(stop.code)
    return answer
