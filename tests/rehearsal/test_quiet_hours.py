"""Twelve time zones, some of which are asleep: nobody is reached in their quiet hours, and everybody in the others."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.rehearsal.children import Ended, tell
from tests.rehearsal.world import World

# Countries with one zone, whose clocks never change: a first number, and how many minutes they are ahead of UTC.
PLACES = {
    573101000000: -300, 59171100000: -240, 59899100000: -180, 221771000000: 0, 2348001000000: 60, 27721000000: 120,
    254711000000: 180, 971501000000: 240, 923001000000: 300, 919871000000: 330, 8801701000000: 360, 819012345000: 540,
}  # fmt: skip

MINUTE, LEAD = timedelta(minutes=1), timedelta(seconds=30)


@dataclass(frozen=True)
class Place:
    """A country, and the numbers of its people."""

    offset: int
    numbers: Sequence[str]

    def quiet(self, at: datetime, hours: tuple[int, int]) -> bool:
        """Read off the clock on its wall, in minutes, whether it is quiet there; `hours` too are minutes of a day."""
        begin, end = hours
        now = (at.hour * 60 + at.minute + self.offset) % 1440
        return begin <= now < end if begin < end else now >= begin or now < end


def places(people: int) -> list[Place]:
    return [Place(offset, [f"+{first + n}" for n in range(people)]) for first, offset in PLACES.items()]


def invited(world: World, everywhere: Sequence[Place]) -> str:
    path = world.settings.with_name("everywhere.csv")
    rows = (number for place in everywhere for number in place.numbers)
    path.write_text("phone,first_name\n" + "".join(f"{number},Ada\n" for number in rows))
    return path.name


def minutes(at: datetime, offset: int) -> int:
    return (at.hour * 60 + at.minute + offset) % 1440


def written(hours: tuple[int, int]) -> str:
    return "-".join(f"{each // 60:02}:{each % 60:02}" for each in hours)


def reached(world: World, everywhere: Sequence[Place]) -> dict[int, list[datetime]]:
    """Tell when people of each place were reached, by the simulator's ledger."""
    place_of = {number.lstrip("+"): place.offset for place in everywhere for number in place.numbers}
    times: dict[int, list[datetime]] = {place.offset: [] for place in everywhere}
    for entry in world.platform.ledger():
        times[place_of[entry["to"].lstrip("+")]].append(datetime.fromtimestamp(entry["at"], UTC))
    return times


def nobody_was_woken(times: dict[int, list[datetime]], everywhere: Sequence[Place], hours: tuple[int, int]) -> bool:
    return not any(place.quiet(at, hours) for place in everywhere for at in times[place.offset])


def reasons(ended: Ended) -> tuple[int, str | None]:
    return ended.code, ended.json["reason"]


def test_whoever_sleeps_waits_and_the_end_of_the_campaign_ends_the_waiting(world: World) -> None:
    everywhere = places(20)
    world.configure((8, 8))
    world.begin("instant")
    now = datetime.now(UTC)
    # It is quiet in five places for hours yet; the others are awake, and more than there is time for.
    hours = (minutes(now, 150), minutes(now, 480))
    asleep = sum(len(place.numbers) for place in everywhere if place.quiet(now, hours))
    at, until = (now + timedelta(seconds=each) for each in (6, 18))
    schedule = {
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "until": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        "timezone": "recipient",
        "quiet_hours": written(hours),
    }
    campaign = world.compose("night", invited(world, everywhere), schedule=schedule, quality={"settle": "0s"})

    ended = world.launch(campaign).end(within=60)

    times, report = reached(world, everywhere), ended.json
    everybody = [each for found in times.values() for each in found]
    tell("quiet hours", hours=written(hours), asleep=asleep, reached=len(everybody), skipped=report["skipped"])
    assert nobody_was_woken(times, everywhere, hours)
    assert at.replace(microsecond=0) <= min(everybody)
    assert max(everybody) < until
    assert 0 < len(everybody) < 240 - asleep
    # Those who slept, and those whom the end came before: the run waits for nobody.
    assert report["skipped"] == {"expired": 240 - len(everybody)}
    assert reasons(ended) == (0, None)


@dataclass(frozen=True)
class Night:
    """A moment at which it becomes quiet in one place, and ends being quiet in another."""

    at: datetime
    falls: Place
    ends: Place

    @property
    def hours(self) -> tuple[int, int]:
        return minutes(self.at, self.falls.offset), minutes(self.at, self.ends.offset)


@pytest.mark.chaos
def test_a_backlog_never_crosses_into_quiet_hours_and_goes_on_where_they_end(world: World) -> None:
    everywhere = places(60)
    world.configure((40, 20))
    world.begin("instant")
    # The next minute that leaves time to be half-way by then.
    at = (datetime.now(UTC) + LEAD + MINUTE).replace(second=0, microsecond=0)
    time.sleep((at - LEAD - datetime.now(UTC)).total_seconds())
    # More people than can be written to before it becomes quiet there; night falls in one place, and ends in another.
    everywhere[4] = Place(60, [f"+{2348001000000 + n}" for n in range(2_000)])
    night = Night(at, everywhere[4], everywhere[9])
    schedule = {"timezone": "recipient", "quiet_hours": written(night.hours)}
    campaign = world.compose("dusk", invited(world, everywhere), schedule=schedule, quality={"settle": "0s"})

    ended = world.launch(campaign, "--wait", "8s").end(within=180)

    times, report = reached(world, everywhere), ended.json
    before, after = at - MINUTE, at
    slept = [place for place in everywhere if place.quiet(before, night.hours) and place.quiet(after, night.hours)]
    awake = [each for each in everywhere if not each.quiet(before, night.hours) and not each.quiet(after, night.hours)]
    counts = {place.offset: len(times[place.offset]) for place in everywhere}
    tell("dusk and dawn", at=f"{at:%H:%M}", hours=written(night.hours), reached=counts, waits=report["waits_until"])
    assert nobody_was_woken(times, everywhere, night.hours)
    assert all(not times[place.offset] for place in slept)
    assert all(len(times[place.offset]) == len(place.numbers) for place in [*awake, night.ends])
    assert 0 < counts[night.falls.offset] < len(night.falls.numbers)
    assert max(times[night.falls.offset]) < at <= min(times[night.ends.offset])
    assert min(times[night.ends.offset]) < at + timedelta(seconds=30)
    # Whoever is left waits for the end of their night, and says so.
    assert reasons(ended) == (5, "quiet_hours")
    left = sum(len(place.numbers) for place in slept) + len(night.falls.numbers) - counts[night.falls.offset]
    assert report["send"]["pending"] == left
    assert datetime.fromisoformat(report["waits_until"]) == _first_dawn(night, [*slept, night.falls])


def _first_dawn(night: Night, asleep: Sequence[Place]) -> datetime:
    end = night.hours[1]
    return min(night.at + timedelta(minutes=(end - minutes(night.at, place.offset)) % 1440) for place in asleep)
