"""The hours of a run: who may be reached when, by the clocks of their own numbers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from campaign.audience import Recipient
from campaign.bootstrap.timetable import HORIZON, Timetable, timetable
from campaign.domain.calendar import Window
from campaign.domain.errors import ConfigurationError
from campaign.domain.numbers import Number, normalise
from campaign.plan import Planned, Times
from campaign.ports import Group
from campaign.settings import Schedule

# Nine in the morning in London, on the last day of summer time in Europe; autumn begins tomorrow at 01:00.
NOW = datetime(2026, 10, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)

PARIS, MADRID, NEW_YORK, KOLKATA, PERTH, SATELLITE = (
    "+33612345678", "+34612345678", "+12125550123", "+919871000000", "+61412345678", "+870773111632"
)  # fmt: skip


def person(e164: str) -> Recipient:
    number = normalise(e164, country=None)
    assert isinstance(number, Number), number
    return Recipient(1, e164, number.region, b"p" * 16, {}, False, number.fixed_line)


def hours(**written: Any) -> Timetable:
    return Timetable(Schedule(**written), NOW, where="spring.yaml:9:1")


def at(hour: float, day: int = 24) -> datetime:
    return datetime(2026, 10, day, tzinfo=UTC) + hour * HOUR


NIGHT = {"quiet_hours": "21:00-08:00", "timezone": "recipient"}


def test_without_a_schedule_any_time_will_do() -> None:
    assert Timetable(None, NOW, where="").times(person(PARIS)) == Times()


def test_everybody_has_the_hours_of_their_own_clock() -> None:
    night = hours(**NIGHT)
    first = {each: night.times(person(each)) for each in (PARIS, NEW_YORK, KOLKATA)}
    assert first[PARIS] == Times(0, at(6), at(19))
    assert first[NEW_YORK] == Times(1, at(12), at(25))
    assert first[KOLKATA] == Times(2, at(2.5), at(15.5))


def test_in_several_zones_it_is_quiet_where_it_is_quiet_in_one_of_them() -> None:
    # Canary is an hour behind Madrid; Perth three hours behind the east of Australia, with islands further on.
    night = hours(**NIGHT)
    assert night.times(person(MADRID)) == Times(0, at(7), at(19))
    islands = night.times(person(PERTH))
    assert islands == Times(1, at(1.5), at(10))


def test_the_change_of_clocks_is_in_the_windows() -> None:
    night = hours(**NIGHT)
    night.times(person(PARIS))
    assert night.windows[0][:2] == (Window(at(6), at(19)), Window(at(7, 25), at(20, 25)))


def test_people_with_the_same_windows_share_a_zone() -> None:
    night = hours(**NIGHT)
    assert night.times(person(PARIS)) == night.times(person("+4915112345678"))
    assert len(night.windows) == 1


def test_a_time_is_that_of_each_recipient_or_of_one_zone() -> None:
    theirs = hours(at="2026-10-25T09:00", timezone="recipient")
    assert [theirs.times(person(each)).not_before for each in (PARIS, NEW_YORK)] == [at(8, 25), at(13, 25)]
    ours = hours(at="2026-10-25T09:00", timezone="Europe/Paris")
    assert {ours.times(person(each)).not_before for each in (PARIS, NEW_YORK)} == {at(8, 25)}
    told = hours(at="2026-10-25T09:00Z")
    assert told.times(person(NEW_YORK)).not_before == at(9, 25)


def test_a_time_in_several_zones_is_late_enough_and_an_end_is_early_enough_in_all_of_them() -> None:
    found = hours(at="2026-10-25T09:00", until="2026-10-25T20:00", timezone="recipient").times(person(MADRID))
    assert (found.not_before, found.not_after) == (at(9, 25), at(19, 25))


def test_windows_end_with_the_campaign() -> None:
    night = hours(until="2026-10-25T10:00Z", **NIGHT)
    night.times(person(PARIS))
    assert night.windows[0] == (Window(at(6), at(19)), Window(at(7, 25), at(10, 25)))


def test_without_an_end_windows_are_laid_out_far_ahead() -> None:
    night = hours(**NIGHT)
    night.times(person(PARIS))
    assert night.windows[0][-1].closes_at == NOW + HORIZON
    assert len(night.windows[0]) == 36


@pytest.mark.parametrize(
    "written",
    [
        {"until": "2026-10-24T07:00Z"},
        {"until": "2026-10-24T09:30", "timezone": "Europe/Paris"},
        {"until": "2026-10-24T20:00Z", "quiet_hours": "10:00-09:00", "timezone": "Europe/Paris"},
    ],
    ids=["over", "over by the clock", "quiet until then"],
)
def test_whoever_has_no_hours_left_gets_nothing(written: Mapping[str, str]) -> None:
    found = hours(**written).times(person(PARIS))
    assert found.not_after is not None
    assert found.not_after < NOW
    assert found.zone is None


def planned(groups: Sequence[tuple[str, int]] = (), *, expired: int = 0) -> Planned:
    counted = {Group("paris", 0, 0, 0, region): count for region, count in groups}
    sent = sum(counted.values())
    return Planned(
        sent + expired, sent + expired, {}, {"expired": expired} if expired else {}, 0, 0, b"", groups=counted
    )


def test_that_nobody_can_be_reached_stands_in_the_way_and_that_some_cannot_is_told() -> None:
    [nobody] = hours(**NIGHT).remarks(planned(expired=7))
    [some] = hours(**NIGHT).remarks(planned([("FR", 3)], expired=7))
    assert (nobody.blocks, some.blocks) == (True, False)
    assert nobody.where == some.where == "spring.yaml:9:1"
    assert some.what.startswith("7 messages are not sent")
    assert hours(**NIGHT).remarks(planned([("FR", 3)])) == []


def test_numbers_of_no_country_go_by_universal_time_and_are_counted() -> None:
    night = hours(**NIGHT)
    assert night.times(person(SATELLITE)) == Times(0, at(8), at(21))
    [told] = night.remarks(planned([("FR", 3), ("001", 2)]))
    assert told.what.startswith("2 numbers belong to no country")


def test_a_zone_that_this_machine_does_not_know_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise LookupError(name)

    monkeypatch.setattr("campaign.bootstrap.timetable.zone_named", unknown)
    with pytest.raises(ConfigurationError, match="Asia/Calcutta"):
        hours(**NIGHT).times(person(KOLKATA))


def test_a_campaign_has_its_hours_and_a_test_of_it_has_none() -> None:
    campaign = SimpleNamespace(schedule=Schedule(at="2026-10-25T09:00Z"), where=lambda _: "spring.yaml:9:1")
    launched: Any = SimpleNamespace(campaign=campaign, instead=None)
    tested: Any = SimpleNamespace(campaign=campaign, instead=lambda audience: audience)
    assert timetable(launched, NOW).times(person(PARIS)).not_before == at(9, 25)
    assert timetable(tested, NOW).times(person(PARIS)) == Times()


async def test_the_windows_of_every_zone_that_came_up_are_kept() -> None:
    kept: dict[int, Sequence[Window]] = {}

    class Writing:
        async def write_windows(self, windows: Mapping[int, Sequence[Window]]) -> None:
            kept.update(windows)

    night, writing = hours(**NIGHT), Writing()
    await night.write(writing)  # type: ignore[arg-type] # a part of the port
    assert kept == {}
    night.times(person(PARIS))
    await night.write(writing)  # type: ignore[arg-type] # see above
    assert list(kept) == [0]


def sending(messages: int = 1) -> Planned:
    return Planned(messages, messages, {}, {}, 0, 0, b"", {Group("paris", 0, 0, 0, "FR"): messages})


@pytest.mark.parametrize(
    "written", [{"at": "2027-10-26T09:00", "timezone": "recipient"}, {"until": "2062-10-26T09:00Z"}]
)
def test_a_time_in_another_year_than_anybody_plans_for_stands_in_the_way(written: Mapping[str, str]) -> None:
    (told,) = hours(**written).remarks(sending())

    assert told.blocks
    assert "is more than a year away" in told.what


@pytest.mark.parametrize("written", [{"at": "2025-10-25T09:00Z"}, {"at": "2026-10-21T09:00", "timezone": "recipient"}])
def test_a_beginning_that_is_over_is_told_before_it_surprises_anybody(written: Mapping[str, str]) -> None:
    (told,) = hours(**written).remarks(sending())

    assert not told.blocks
    assert "it begins as soon as it is launched" in told.what


@pytest.mark.parametrize("moment", ["2026-10-24T07:59Z", "2026-10-24T09:00Z", "2027-10-20T09:00Z"])
def test_a_time_of_today_or_within_a_year_is_no_news(moment: str) -> None:
    assert hours(at=moment).remarks(sending()) == []
