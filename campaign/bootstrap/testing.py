"""`campaign test`: real messages to one's own numbers, in the words of the audience's first recipient.

A small run of its own, through the same plan and the same sending: what keeps a campaign from doubling keeps this too.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from campaign.adapters.postgres.trials import Became, PostgresTrials
from campaign.audience import Recipient, Refused
from campaign.bootstrap.desk import Desk, at_desk
from campaign.bootstrap.intent import Intent, new_run, variant_of
from campaign.bootstrap.launch import LaunchOptions, launch_run
from campaign.bootstrap.ledger import open_ledger
from campaign.bootstrap.watching import Screen
from campaign.domain.errors import ConfigurationError, RefusedByPlan
from campaign.domain.numbers import Number, mask, normalise, person
from campaign.plan import Audience
from campaign.ports import NewRun
from campaign.report import RunReport

# No campaign's file can have such a name: a test is never taken for the newest run of its campaign.
PREFIX: Final = "test:"

WITH_PLUS: Final = "write it with + and the country code, as in +33612345678"


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test, and of each number, masked; `row` of the audience lent its words."""

    report: RunReport
    row: int
    numbers: Sequence[tuple[str, Became]]
    variant: str = ""

    def as_json(self) -> dict[str, Any]:
        """Spell the run as `launch` does, and each number beside it."""
        numbers = [
            {"number": number, "state": each.state, "delivery": each.delivery, "reason": each.reason, "code": each.code}
            for number, each in self.numbers
        ]
        return {**self.report.as_json(), "row": self.row, "variant": self.variant or None, "numbers": numbers}


def numbers_of(written: Sequence[str], *, country: str | None) -> list[Number]:
    """Read the numbers to test with, each once; raises ConfigurationError for what is none."""
    found: dict[str, Number] = {}
    for place, text in enumerate(written, start=1):
        number = normalise(text, country=country)
        if not isinstance(number, Number):
            raise ConfigurationError(
                f"the {_ordinal(place)} number cannot be used: {number.detail}", where="--to", remedy=WITH_PLUS
            )
        found.setdefault(number.e164, number)
    return list(found.values())


def _ordinal(place: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(place % 10 if place % 100 // 10 != 1 else 0, "th")
    return f"{place}{suffix}"


async def try_message(
    intent: Intent,
    numbers: Sequence[Number],
    options: LaunchOptions,
    screen: Screen,
    stop: asyncio.Event,
    *,
    variant: str | None = None,
) -> Tested:
    """Send the campaign's message to these numbers; raises RefusedByPlan if one of them must not get it.

    `variant`: the name of the one to send, else the one that the audience's first recipient gets.
    """
    new = trial_of(intent, at=datetime.now(UTC))
    stand_in = _StandIn(_chosen(intent, variant))

    async def send(at: Desk) -> RunReport:
        stand_in.people = [(number, person(number.e164, at.ledger.person_key)) for number in numbers]
        await _refuse_unwanted(PostgresTrials(at.ledger.pool), intent, new, stand_in.people)
        standing_in = replace(intent, instead=stand_in.audience, variant=stand_in.variant)
        return await launch_run(at, standing_in, new, options)

    report = await at_desk(intent.settings, screen, stop, send)
    async with open_ledger(intent.settings, purpose="campaign test", size=2) as ledger:
        became = await PostgresTrials(ledger.pool).became(new.campaign, new.key)
    told = [(mask(number.e164), became[row]) for row, number in enumerate(numbers, start=1) if row in became]
    return Tested(report, stand_in.row, told, intent.wordings[stand_in.variant()].name)


def _chosen(intent: Intent, variant: str | None) -> Callable[[bytes], int]:
    """Tell which variant to send in the place of whom; raises ConfigurationError for a name that no variant has."""
    if variant is None:
        return variant_of(intent)
    names = [each.name for each in intent.wordings]
    if variant not in names:
        there = f"write one of {', '.join(names)}" if any(names) else "leave --variant out: there is one message"
        raise ConfigurationError(f"there is no variant '{variant}'", where="--variant", remedy=there)
    return lambda _: names.index(variant)


def trial_of(intent: Intent, *, at: datetime) -> NewRun:
    """Describe the run of a test: it claims no content, goes first, and waits for nothing."""
    new = new_run(intent, key=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    return replace(
        new,
        campaign=f"{PREFIX}{new.campaign}",
        high=True,
        duplicate_window=None,
        when_held="continue",
        rate=None,
        until=None,
        ramp=(),
        stop_if=None,
        frequency=None,
    )


async def _refuse_unwanted(
    trials: PostgresTrials, intent: Intent, new: NewRun, people: Sequence[tuple[Number, bytes]]
) -> None:
    ids = [each for _, each in people]
    suppressed = await trials.suppressed(ids, category=intent.campaign.category)
    if suppressed:
        named = _named(people, suppressed)
        raise RefusedByPlan(f"{named} is suppressed: nothing was sent", where="--to", remedy="test with another number")
    if not new.free_form:
        return
    addresses = [shard.address for shard in intent.settings.shards if shard.id in new.shards]
    closed = set(ids) - await trials.answerable(ids, addresses)
    if closed:
        raise RefusedByPlan(
            f"{_named(people, closed)} did not write to this business within 24 hours: nothing was sent",
            where="--to",
            remedy="write to it from that phone while `campaign serve` runs, then test; a template needs none of this",
        )


def _named(people: Iterable[tuple[Number, bytes]], which: set[bytes]) -> str:
    return ", ".join(mask(number.e164) for number, each in people if each in which)


class _StandIn:
    """An audience of the numbers under test, each with what the first usable recipient's message would say."""

    def __init__(self, choose: Callable[[bytes], int]) -> None:
        self.people: Sequence[tuple[Number, bytes]] = ()
        self.row = 0
        self._choose = choose
        self._first = b""
        self._columns: Sequence[str] = ()
        self._variables: dict[str, Any] = {}

    async def audience(self, audience: Audience) -> Audience:
        """Take the words of the audience's first usable recipient."""
        async with aclosing(audience.source.batches()) as batches:  # type: ignore[type-var] # a generator in every source
            async for rows in batches:
                people, _ = audience.clean(rows)
                if people:
                    self.row, self._variables = people[0].row, dict(people[0].variables)
                    self._first = people[0].person
                    self._columns = audience.columns
                    return Audience(self, self.clean, audience.columns, audience.where)
        raise RefusedByPlan(
            "the audience has nobody whose message could be tested",
            where=audience.where,
            remedy="see `campaign plan` for why every row is refused",
        )

    @property
    def share(self) -> None:
        """Nobody waits for so few."""

    def variant(self, _: bytes = b"") -> int:
        """Give everybody the variant of the audience's first recipient, or the chosen one."""
        return self._choose(self._first)

    async def columns(self) -> Sequence[str]:
        return self._columns

    async def batches(self) -> AsyncIterator[Sequence[tuple[int, Sequence[Any]]]]:
        yield [(row, ()) for row in range(1, len(self.people) + 1)]

    def clean(self, rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[list[Recipient], list[Refused]]:
        return [self._recipient(row) for row, _ in rows], []

    def _recipient(self, row: int) -> Recipient:
        number, each = self.people[row - 1]
        return Recipient(
            row, number.e164, number.region, each, self._variables, number.canonical_changed, number.fixed_line
        )
