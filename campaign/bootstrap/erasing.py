"""`campaign erase`: what the ledger knows of a person goes; that they must not be written to stays."""

from dataclasses import dataclass
from typing import Any, Final

from campaign.adapters.postgres.forgetting import KnownOf, Moving, PostgresForgetting, Traces
from campaign.bootstrap.ledger import open_ledger
from campaign.bootstrap.persons import read_number
from campaign.bootstrap.suppressing import refuse_numbers_in
from campaign.domain.errors import AlreadyRunning
from campaign.domain.numbers import Number, mask, person
from campaign.domain.traces import digits_of, traces
from campaign.settings import Settings

# How long to wait for a plan or an import that began before, and for a receiver to read what has just come in.
PATIENCE_SECONDS: Final = 15.0

AGAIN: Final = "nothing is sent to them any more; run the same command again"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed: messages that no longer say to whom, bodies that were emptied; `unread` bodies still wait."""

    number: str
    messages: int
    bodies: int
    unread: int

    def as_json(self) -> dict[str, Any]:
        """Spell it for `--json`."""
        return {
            "number": self.number,
            "messages": self.messages,
            "bodies": self.bodies,
            "unread": self.unread,
            "error": None,
        }


async def known_of(settings: Settings, written: str, *, country: str | None) -> tuple[Number, KnownOf]:
    """Count what an erasure would touch; raises ConfigurationError for what is no number."""
    number = read_number(written, country=country)
    async with open_ledger(settings, purpose="campaign erase", size=2) as ledger:
        return number, await PostgresForgetting(ledger.pool).known_of(person(number.e164, ledger.person_key))


async def erase(settings: Settings, number: Number, *, reason: str) -> Erased:
    """Forget a person. Every step may be repeated: after a failure the same command goes on.

    Raises AlreadyRunning while a message to them is under way, or a plan or an import is being written.
    """
    refuse_numbers_in(reason)
    async with open_ledger(settings, purpose="campaign erase", size=2) as ledger:
        return await forget(PostgresForgetting(ledger.pool), number, key=ledger.person_key, reason=reason)


async def forget(ledger: PostgresForgetting, number: Number, *, key: bytes, reason: str) -> Erased:
    """Do it, step by step; `key` is the person key."""
    whom = Traces(person(number.e164, key), digits_of(number.e164), traces(number.e164))
    # First of all nothing new: from this commit on marks, plans, imports and webhooks leave the person out.
    await ledger.forget(whom.person, reason)
    if not await ledger.outlive_writers(seconds=PATIENCE_SECONDS):
        raise AlreadyRunning("a plan or an import is being written just now", remedy=f"{AGAIN} when that is done")
    await ledger.forget(whom.person, reason)
    known = await ledger.known_of(whom.person)
    if known.under_way:
        raise _under_way()
    # The message IDs are needed to find the bodies; only then do they go themselves.
    message_ids = await ledger.message_ids(whom.person)
    bodies, unread = await _empty_bodies(ledger, [*whom.traces, *message_ids, *map(_escaped, message_ids)])
    try:
        await ledger.erase(whom, message_ids, {"messages": known.messages, "why": reason})
    except Moving:
        raise _under_way() from None
    return Erased(mask(number.e164), known.messages, bodies, unread)


async def _empty_bodies(ledger: PostgresForgetting, traces: list[str]) -> tuple[int, int]:
    """Empty what was read already; return how many, and how many nobody has read yet."""
    emptied, unread, after = 0, list[int](), 0
    while True:
        last, found, waiting = await ledger.empty_bodies(traces, after=after)
        emptied, unread = emptied + found, unread + waiting
        if last is None:
            break
        after = last
    return emptied, await ledger.still_unread(unread)


def _escaped(message_id: str) -> str:
    """Write it as JSON may, and as Meta's webhooks do."""
    return message_id.replace("/", r"\/")


def _under_way() -> AlreadyRunning:
    return AlreadyRunning(
        "a message to this person is on its way; its answer is awaited",
        remedy=f"{AGAIN} in a few minutes, with `campaign serve` or a worker running: it settles what was left behind",
    )
