"""How long a plan says that the sending will take."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from campaign.bootstrap.forecasting import Pace, forecast, pace_of, remarks
from campaign.bootstrap.limits import Reach
from campaign.bootstrap.timetable import Timetable
from campaign.domain.outlook import Forecast
from campaign.domain.portfolio import Limit
from campaign.plan import Planned
from campaign.ports import Group
from campaign.settings import Schedule, Settings, load_settings

CLOUD = """\
account: {version: v23.0, business_account_id: "1", access_token: "${TOKEN}"}
shards: [{id: paris, phone_number_id: "2"}, {id: lyon, phone_number_id: "3", throughput: 20}]
"""
ON_PREMISES = """\
account: {dialect: on_premises, base_url: "http://127.0.0.1:1", access_token: "${TOKEN}"}
shards: {count: 32}
"""
REQUESTS = ON_PREMISES.replace('"}', '", requests: {per_second: 20}}')
UNLIMITED = """\
account: {version: v23.0, business_account_id: "1", access_token: "${TOKEN}", base_url: "http://127.0.0.1:1"}
shards: [{id: paris, phone_number_id: "2", throughput: unlimited}]
"""
NO_LIMIT = Reach(Limit(None), (), 0)
ALL = tuple(f"shard-{each:02}" for each in range(1, 33))


def settings_of(folder: Path, text: str) -> Settings:
    (path := folder / "settings.yaml").write_text(text)
    return load_settings(path, {"TOKEN": "t" * 32})


# The spread keeps every ceiling at 99 %.
@pytest.mark.parametrize(
    ("text", "shards", "rate", "pace"),
    [
        (CLOUD, ("paris", "lyon"), None, Pace({"paris": 79.2, "lyon": 19.8}, None)),
        (CLOUD + "headroom: 5", ("paris", "lyon"), None, Pace({"paris": 74.25, "lyon": 14.85}, None)),
        (CLOUD + "headroom: auto", ("lyon",), None, Pace({"lyon": 19.8}, None)),
        (CLOUD, ("paris", "lyon"), 10.0, Pace({"paris": 8.0, "lyon": 2.0}, None)),
        (ON_PREMISES, ("shard-07",), None, Pace({"shard-07": 69.3}, 247.5)),
        (ON_PREMISES + "headroom: 50", ("shard-07",), None, Pace({"shard-07": 69.3}, 198.0)),
        (REQUESTS, ("shard-07",), None, Pace({"shard-07": 20.0}, 20.0)),
        (ON_PREMISES.replace("32", "1, throughput: unlimited"), ("shard-01",), None, Pace({"shard-01": None}, None)),
        (REQUESTS.replace("32", "1, throughput: unlimited"), ("shard-01",), None, Pace({"shard-01": 20.0}, 20.0)),
        (UNLIMITED, ("paris",), None, Pace({"paris": None}, None)),
        (UNLIMITED, ("paris",), 100.0, Pace({"paris": 100.0}, None)),
    ],
)
def test_shards_send_no_faster_than_all_of_their_limits_allow(
    tmp_path: Path, text: str, shards: tuple[str, ...], rate: float | None, pace: Pace
) -> None:
    told = pace_of(settings_of(tmp_path, text), shards, rate)
    assert told == (pytest.approx(pace.rates), pytest.approx(pace.together))


def test_all_shards_of_a_client_send_no_faster_than_the_client(tmp_path: Path) -> None:
    planned = planned_of(dict.fromkeys(ALL, 100))
    told = foreseen(settings_of(tmp_path, ON_PREMISES), planned)
    assert told.seconds == pytest.approx(3200 / 247.5)


def planned_of(messages: dict[str, int], *, step: int = 0, zone: int | None = None) -> Planned:
    groups = {Group(shard, step, 0, zone, "FR"): count for shard, count in messages.items()}
    count = sum(messages.values())
    return Planned(count, count, {}, {}, 0, 0, b"", groups=groups)


def foreseen(
    settings: Settings,
    planned: Planned,
    *,
    rate: float | None = None,
    reached: Reach = NO_LIMIT,
    hours: Timetable | None = None,
) -> Forecast:
    shards = tuple(shard.id for shard in settings.shards)
    intent: Any = SimpleNamespace(settings=settings, shards=shards, campaign=SimpleNamespace(rate=rate))
    return forecast(intent, planned, hours or Timetable(None, datetime.now(UTC), where="spring.yaml"), reached)


def test_the_end_is_that_of_the_shard_that_takes_longest(tmp_path: Path) -> None:
    told = foreseen(settings_of(tmp_path, CLOUD), planned_of({"paris": 792, "lyon": 396}))
    assert told.seconds == pytest.approx(20)
    assert told.ends_at == told.starts_at + timedelta(seconds=20)
    assert sum(portion.messages for portion in told.portions) == 792 + 396


def test_nobody_can_tell_when_an_unlimited_shard_ends(tmp_path: Path) -> None:
    settings, planned = settings_of(tmp_path, UNLIMITED), planned_of({"paris": 800})
    assert (foreseen(settings, planned).ends_at, foreseen(settings, planned).seconds) == (None, None)
    assert foreseen(settings, planned, rate=100.0).seconds == pytest.approx(8)


def test_a_portfolio_limit_takes_its_time(tmp_path: Path) -> None:
    settings, planned = settings_of(tmp_path, CLOUD), planned_of({"paris": 500})
    told = foreseen(settings, planned, reached=Reach(Limit(250), (), 500))
    assert told.ends_at is not None
    assert timedelta(days=1) < told.ends_at - told.starts_at < timedelta(days=1, minutes=2)
    # Those who are counted already, or wrote themselves, do not count again.
    told = foreseen(settings, planned, reached=Reach(Limit(250), (), 0))
    assert told.seconds == pytest.approx(500 / 79.2)


def test_a_sending_that_begins_later_ends_later(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(days=2)
    hours = Timetable(Schedule(at=later.isoformat(timespec="minutes")), now, where="spring.yaml")
    somebody: Any = SimpleNamespace(e164="+33612345678", region="FR", fixed_line=False)
    zone = hours.times(somebody).zone
    told = foreseen(settings_of(tmp_path, CLOUD), planned_of({"paris": 792}, zone=zone), hours=hours)
    assert told.ends_at is not None
    assert timedelta(days=2, minutes=-2) < told.starts_at - now < told.ends_at - now < timedelta(days=2, minutes=1)
    assert told.seconds == pytest.approx(10)


def test_messages_there_is_no_time_for_are_told() -> None:
    intent: Any = SimpleNamespace(campaign=SimpleNamespace(where=lambda _: "spring.yaml:9:1"))
    now = datetime.now(UTC)
    assert remarks(intent, Forecast(now, now, 1.0)) == []
    [found] = remarks(intent, Forecast(now, now, 1.0, left=1_200))
    assert (found.what[:28], found.where, found.blocks) == ("1,200 messages will not be s", "spring.yaml:9:1", False)


def test_what_ends_nobody_knows_when_still_begins_when_it_is_told_to(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(days=2)
    hours = Timetable(Schedule(at=later.isoformat(timespec="minutes")), now, where="spring.yaml")
    somebody: Any = SimpleNamespace(e164="+33612345678", region="FR", fixed_line=False)
    zone = hours.times(somebody).zone

    told = foreseen(settings_of(tmp_path, UNLIMITED), planned_of({"paris": 800}, zone=zone), hours=hours)

    assert told.ends_at is None
    assert timedelta(days=2, minutes=-2) < told.starts_at - now <= timedelta(days=2)
