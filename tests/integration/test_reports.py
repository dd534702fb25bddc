"""Reports of a real ledger."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from campaign.report import report, resolve
from tests.integration.planning import Ledger, open_ledger, people

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def ledger(ledger_dsn: str) -> AsyncIterator[Ledger]:
    async with open_ledger(ledger_dsn) as found:
        yield found


async def spread(ledger: Ledger) -> None:
    """Put the messages of a run in every state there is, by the ways they may go."""
    await ledger.do(
        "UPDATE message SET state = 'in_flight', attempt = 1, marked_by = 1, marked_at = now() WHERE row <= 8"
    )
    await ledger.do("UPDATE message SET state = 'accepted', message_id = 'wamid.' || row WHERE row <= 4")
    await ledger.do("UPDATE message SET delivery = 'delivered' WHERE row = 1")
    await ledger.do("UPDATE message SET delivery = 'held', was_held = true WHERE row = 2")
    await ledger.do("UPDATE message SET state = 'rejected', code = 131026 WHERE row IN (5, 6)")
    await ledger.do("UPDATE message SET state = 'unknown' WHERE row = 7")
    await ledger.do("UPDATE message SET state = 'skipped', reason = 'suppressed' WHERE row = 9")
    await ledger.do("UPDATE message SET state = 'cancelled' WHERE row = 10")


async def test_every_message_is_counted_in_exactly_one_state(ledger: Ledger) -> None:
    await ledger.plan(*people(12), ("12", "Nobody"))
    await spread(ledger)

    counted = await report(ledger.reports, "spring")

    assert counted.send == {
        "pending": 2,
        "in_flight": 1,
        "accepted": 4,
        "rejected": 2,
        "unknown": 1,
        "skipped": 1,
        "cancelled": 1,
    }
    assert counted.delivery | {"none": 2, "held": 1, "delivered": 1} == counted.delivery
    assert (counted.rejected, counted.skipped) == ({"131026": 2}, {"suppressed": 1})
    assert counted.audience == counted.planned + sum(counted.refused.values()) == 13


async def test_what_no_phone_had_after_thirty_days_and_what_is_held_too_long_are_counted(ledger: Ledger) -> None:
    """Rows 1 and 3 reached nobody; 2 is held; 4 was erased, so that nothing would be heard of it anyway."""
    await ledger.plan(*people(6))
    await ledger.do("UPDATE message SET state = 'in_flight', attempt = 1, marked_by = 1, marked_at = now()")
    await ledger.do("UPDATE message SET state = 'accepted', message_id = 'wamid.' || row, settled_at = now()")
    await ledger.do("UPDATE message SET settled_at = now() - interval '31 days' WHERE row <= 5")
    await ledger.do("UPDATE message SET delivery = 'sent' WHERE row IN (1, 6)")
    await ledger.do("UPDATE message SET delivery = 'held', was_held = true WHERE row = 2")
    await ledger.do("UPDATE message SET message_id = NULL, reason = 'erased' WHERE row = 4")
    await ledger.do("UPDATE message SET delivery = 'delivered' WHERE row = 5")

    counted = await report(ledger.reports, "spring")

    assert (counted.never_delivered, counted.held_too_long) == (2, 1)
    assert counted.as_json()["never_delivered"] == 2
    assert "held_too_long" not in counted.as_json()


async def test_the_answer_that_paused_a_run_and_its_stopped_shards_are_told_while_it_is_paused(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(2))
    await ledger.do("INSERT INTO shard (id, stopped_code) VALUES ('paris', 131048), ('lyon', 33)")
    await ledger.do("UPDATE run SET state = 'paused', reason = 'account' WHERE id = $1", run)
    for code in (10, 131048):
        detail = f'{{"code": {code}}}'
        await ledger.do("INSERT INTO event (name, run, detail) VALUES ('run.paused', $1, $2::text::jsonb)", run, detail)

    paused = await report(ledger.reports, "spring")
    await ledger.do("UPDATE run SET state = 'running', reason = NULL WHERE id = $1", run)
    resumed = await report(ledger.reports, "spring")

    assert (paused.code, paused.stopped) == (131048, {"paris": 131048})
    assert resumed.code is None
    assert not {"code", "stopped"} & set(paused.as_json())


async def test_an_owner_is_the_living_launcher(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(1))

    owner = (await report(ledger.reports, "spring")).owner
    await ledger.runs.release_launch(run)

    assert owner is not None
    assert (owner.host, owner.pid) == ("sender-1", 4711)
    assert (await report(ledger.reports, "spring")).owner is None


async def _interval(ledger: Ledger, run: int, *, second: int, departed: int, idle: float = 0.0) -> None:
    await ledger.do(
        "INSERT INTO shard_interval "
        "VALUES ('paris', $1, 1, $2, 10, 80, 1, $3, 80, 0, 0, 0, 0, 0, 0, $4, '{}', '{}', 0)",
        run,
        AT + timedelta(seconds=second),
        departed,
        {"idle": idle},
    )


async def test_time_without_work_does_not_lower_the_mean(ledger: Ledger) -> None:
    """The first interval began 5 s before anything left, and the third had no work at all."""
    run, _ = await ledger.plan(*people(1))
    await ledger.do(
        "UPDATE run SET first_departure_at = $1, last_departure_at = $2",
        AT + timedelta(seconds=5),
        AT + timedelta(seconds=40),
    )
    for second, departed, idle in ((0, 400, 0.5), (10, 800, 0.0), (20, 0, 1.0), (30, 801, 0.0)):
        await _interval(ledger, run, second=second, departed=departed, idle=idle)

    counted = await report(ledger.reports, "spring")

    assert counted.throughput == {"paris": {"ceiling": 80.0, "mean": 80.0, "worst_second": 80}}


async def test_a_name_finds_its_run_and_a_campaign_its_newest(ledger: Ledger) -> None:
    first, _ = await ledger.plan(*people(1), key="2026-11-01")
    second, _ = await ledger.plan(*people(1), key="2026-12-01")

    assert await resolve(ledger.reports, "spring") == second
    assert await resolve(ledger.reports, "spring@2026-11-01") == first


async def test_what_remains_is_counted_without_the_settled(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(12))
    await spread(ledger)

    assert await ledger.reports.remaining(run) == ("running", None, 2, 1, 1, 1, 60.0)


async def test_runs_are_listed_unfinished_first(ledger: Ledger) -> None:
    for key in ("a", "b", "c"):
        await ledger.plan(*people(1), key=key)
    await ledger.do("UPDATE message SET state = 'skipped', reason = 'expired'")
    await ledger.do("UPDATE run SET state = 'finished' WHERE key = 'c'")

    assert [line.run for line in await ledger.reports.list_runs()] == ["b", "a", "c"]
    assert [line.run for line in await ledger.reports.list_runs(limit=1)] == ["b"]
