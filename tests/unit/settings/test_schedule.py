"""A campaign's schedule: from when, until when, at which hours, and by whose clock."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from campaign.domain.calendar import QuietHours
from campaign.settings import Schedule
from campaign.settings.schedule import zone_named

FILE = "config/campaigns/spring.yaml"
NAMED = "write timezone: Europe/Paris, or timezone: recipient for the zone of each number"
MOMENT = "write a day and a time, as in 2026-12-01T09:00"
HOURS = 'write when they begin and end, in quotes, as in "21:00-08:00"'
BAD = {
    "{at: 2026-12-01T09:00}": f":5:12: 'at' needs a 'timezone'; {NAMED}",
    "{until: 2026-12-01T09:00}": f":5:12: 'until' needs a 'timezone'; {NAMED}",
    '{quiet_hours: "21:00-08:00"}': f":5:12: 'quiet_hours' needs a 'timezone'; {NAMED}",
    "{at: tomorrow}": f":5:16: at: 'tomorrow' is no point in time; {MOMENT}",
    "{at: 2026-12-01}": f":5:16: at: this value is no point in time; {MOMENT}",
    "{at: 2026-02-30T09:00Z}": f":5:16: at: no calendar and no clock shows that; {MOMENT}",
    "{at: 2026-12-01T09:00Z, until: 2026-12-01T10:00+01:00}": (
        ":5:42: that is not after 'at'; write a later time, or leave one of them out"
    ),
    "{timezone: Europe/Pari}": ":5:22: timezone: 'Europe/Pari' is no time zone; did you mean 'Europe/Paris'?",
    "{timezone: ../zone}": (
        ":5:22: timezone: '../zone' is no time zone; "
        "write a name as in Europe/Paris, or recipient for the zone of each number"
    ),
    "{timezone: UTC, quiet_hours: 21-8}": f":5:40: quiet_hours: '21-8' are no hours of a day; {HOURS}",
    "{timezone: UTC, quiet_hours: 24:00-08:00}": f":5:40: quiet_hours: '24:00-08:00' are no hours of a day; {HOURS}",
    "{timezone: UTC, quiet_hours: 08:00-08:00}": (
        f":5:40: quiet_hours: these hours are the whole day: nobody would be reached; {HOURS}"
    ),
    "{quite_hours: x}": ":5:12: unknown key 'quite_hours'; did you mean 'quiet_hours'?",
    '{cron: "0 9 * * MON"}': ":5:12: 'cron' is not supported yet; leave it out, and let cron start `campaign launch`",
    "{late: run}": ":5:12: 'late' is not supported yet; leave it out: it goes with 'cron'",
    "{grace: 1h}": ":5:12: 'grace' is not supported yet; leave it out: it goes with 'cron'",
    "{overlap: wait}": ":5:12: 'overlap' is not supported yet; leave it out: it goes with 'cron'",
}


def schedule_of(files: Any, written: str) -> Schedule:
    found = files.campaign(f"{files.CAMPAIGN}schedule: {written}").schedule
    assert isinstance(found, Schedule)
    return found


@pytest.mark.parametrize("written", BAD)
def test_a_schedule_that_cannot_be_kept_is_blamed_at_its_line(files: Any, written: str) -> None:
    assert files.blamed(files.campaign, f"{files.CAMPAIGN}schedule: {written}") == [FILE + BAD[written]]


def test_a_schedule_is_read_as_it_is_written(files: Any) -> None:
    text = '{at: 2026-12-01T09:00, until: 2026-12-02 20:00, timezone: Europe/Paris, quiet_hours: "21:00 - 08:30"}'
    found = schedule_of(files, text)
    assert (found.at, found.until) == (datetime(2026, 12, 1, 9), datetime(2026, 12, 2, 20))  # noqa: DTZ001 - what clocks show
    assert found.quiet_hours == QuietHours(time(21), time(8, 30))
    assert found.frozen() == {
        "at": "2026-12-01T09:00:00",
        "until": "2026-12-02T20:00:00",
        "timezone": "Europe/Paris",
        "quiet_hours": "21:00-08:30",
    }


@pytest.mark.parametrize(
    ("written", "over_at"),
    [
        ("{until: 2026-12-02T20:00, timezone: Europe/Paris}", datetime(2026, 12, 2, 19, tzinfo=UTC)),
        ("{until: 2026-12-02T20:00, timezone: recipient}", datetime(2026, 12, 3, 8, tzinfo=UTC)),
        ("{until: 2026-12-02T20:00+05:30, timezone: Europe/Paris}", datetime(2026, 12, 2, 14, 30, tzinfo=UTC)),
        ("{timezone: Europe/Paris}", None),
    ],
)
def test_a_run_is_over_when_it_is_over_everywhere(files: Any, written: str, over_at: datetime | None) -> None:
    assert schedule_of(files, written).over_at == over_at


def test_a_schedule_is_kept_by_a_run_and_may_change(files: Any) -> None:
    plain = files.campaign()
    timed = files.campaign(files.CAMPAIGN + "schedule: {at: 2026-12-01T09:00Z}")
    assert (plain.frozen().get("schedule"), timed.frozen()["schedule"]) == (None, {"at": "2026-12-01T09:00:00+00:00"})
    assert plain.fingerprints() == timed.fingerprints()


@pytest.mark.parametrize("name", ["Europe/Pari", "Europe", "../UTC", "/etc/passwd", ""])
def test_a_zone_that_is_none_is_a_lookup_that_failed(name: str) -> None:
    with pytest.raises(LookupError):
        zone_named(name)


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00", "9999-12-31T23:59-14:00", "1026-12-01T09:00", "2206-12-01T09:00Z"]
)
@pytest.mark.parametrize("key", ["at", "until"])
def test_a_year_that_is_a_mistake_is_refused(files: Any, key: str, moment: str) -> None:
    told = files.blamed(files.campaign, f"{files.CAMPAIGN}schedule: {{{key}: {moment}, timezone: recipient}}")

    (said,) = told
    assert "is not in this century" in said


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory"])
def test_a_zone_that_is_another_one_on_every_machine_is_refused(files: Any, name: str) -> None:
    (said,) = files.blamed(files.campaign, f"{files.CAMPAIGN}schedule: {{timezone: {name}}}")

    assert "is another zone on every machine" in said


def test_a_campaign_with_every_key_is_written_down_without_a_warning(files: Any) -> None:
    written = files.campaign(
        f"{files.CAMPAIGN}budget: 500 EUR\nfrequency: {{at_most: 2, per: 7d}}\n"
        "quality: {ramp: [1%, 100%], stop_if: {held: 5%}}\n"
        'schedule: {at: 2026-12-01T09:00, timezone: recipient, quiet_hours: "21:00-08:00"}\n'
    )

    # Warnings are errors here.
    assert written.model_dump()["schedule"]["quiet_hours"] == "21:00-08:00"
