"""Ramps and limits on a real ledger: who is judged by whom, what is counted, and what opens, stops and goes on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import pytest

from campaign.adapters.clock import BootClock
from campaign.adapters.postgres.judging import PostgresJudgements
from campaign.adapters.postgres.plans import PostgresPlanWriting
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.domain.ramp import chooser
from campaign.judging import Judge
from campaign.plan import Terms
from campaign.ports import JudgedRun
from tests.integration.planning import NEW, Ledger, open_ledger, people
from tests.integration.planning import Rows as Audience
from tests.integration.rows import Rows

RAMP = [0.1, 0.5, 1.0]


class Trial:
    """One sender, and the runs it judges."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.pool = rows, rows.pool
        self.judgements = PostgresJudgements(rows.pool, process=rows.process)
        self.steering = PostgresRuns(rows.pool, process=rows.process)

    async def tick(self) -> None:
        # One that has not judged yet: it would rest a while, by how long its counting took.
        await Judge(self.judgements, BootClock()).tick()

    async def run(self, **more: Any) -> int:
        return await self.rows.run(**{"ramp": RAMP, "started_at": await self._now()} | more)

    async def _now(self) -> Any:
        return await self.pool.fetchval("SELECT now()")

    async def settle(self, run: int, count: int, *, step: int = 0, state: str = "accepted", told: str = "none") -> None:
        for row in await self.rows.messages(run, count, state=state, step=step):
            await self.pool.execute(
                "UPDATE message SET delivery = $2::text::delivery_state, marked_at = now() WHERE row = $1", row, told
            )

    async def held_back(self, run: int, count: int, *, step: int, **more: Any) -> list[int]:
        rows = await self.rows.messages(run, count, step=step, **more)
        await self.pool.execute("UPDATE message SET not_before = 'infinity' WHERE row = ANY ($1)", rows)
        return rows

    async def at(self, run: int) -> tuple[str, str | None, int]:
        found = await self.pool.fetchrow("SELECT state::text, reason, step FROM run WHERE id = $1", run)
        return tuple(found)

    async def due(self, run: int) -> list[int]:
        found = await self.pool.fetch(
            "SELECT row FROM message WHERE run = $1 AND state = 'pending' AND not_before <= now() ORDER BY row", run
        )
        return [row["row"] for row in found]

    async def said(self, run: int, event: str = "run.paused") -> dict[str, Any]:
        found: dict[str, Any] = await self.pool.fetchval(
            "SELECT detail FROM event WHERE run = $1 AND name = $2 ORDER BY id DESC LIMIT 1", run, event
        )
        return found

    async def pass_minutes(self, run: int, minutes: int = 16) -> None:
        await self.pool.execute(
            "UPDATE message SET marked_at = marked_at - make_interval(mins => $2) WHERE run = $1", run, minutes
        )

    async def listed(self) -> Sequence[JudgedRun]:
        return await self.judgements.runs()


@pytest.fixture
async def trial(pool: asyncpg.Pool) -> Trial:
    return Trial(await Rows(pool).start())


async def test_the_next_step_opens_once_95_percent_of_the_accepted_are_told_of(trial: Trial) -> None:
    run = await trial.run()
    await trial.settle(run, 18, told="delivered")
    await trial.settle(run, 2)
    later = await trial.held_back(run, 3, step=1)
    await trial.held_back(run, 3, step=2)

    await trial.tick()
    assert await trial.at(run) == ("running", None, 0)

    await trial.settle(run, 20, told="failed")
    await trial.tick()
    assert await trial.at(run) == ("running", None, 1)
    assert await trial.said(run, "ramp.opened") == {"step": 2, "accepted": 40, "told": 38}

    await trial.tick()
    assert await trial.due(run) == later


async def test_a_step_with_something_to_send_or_under_way_goes_on(trial: Trial) -> None:
    run = await trial.run()
    await trial.settle(run, 20, told="read")
    for state in ("pending", "in_flight"):
        row = await trial.rows.message(run, state)
        await trial.tick()
        assert await trial.at(run) == ("running", None, 0)
        await trial.pool.execute("DELETE FROM message WHERE row = $1", row)

    put_off = await trial.rows.message(run, day_waits=1)
    await trial.pool.execute("UPDATE message SET not_before = now() + interval '1 day' WHERE row = $1", put_off)
    await trial.tick()
    assert await trial.at(run) == ("running", None, 1)


async def test_a_step_that_is_held_waits_with_its_template(trial: Trial) -> None:
    run = await trial.run(template="sale")
    await trial.settle(run, 20, told="held")
    await trial.pass_minutes(run)
    await trial.rows.ledger.close_gate(run, 0)

    await trial.tick()

    assert await trial.at(run) == ("running", None, 0)


async def test_after_15_minutes_half_of_them_are_enough(trial: Trial) -> None:
    run = await trial.run()
    await trial.settle(run, 10, told="sent")
    await trial.settle(run, 10, told="held")

    await trial.tick()
    assert await trial.at(run) == ("running", None, 0)

    await trial.pass_minutes(run)
    await trial.tick()
    assert await trial.at(run) == ("running", None, 1)


async def test_a_step_that_tells_too_little_pauses_and_a_resume_opens_the_next_one(trial: Trial) -> None:
    run = await trial.run()
    await trial.settle(run, 9, told="sent")
    await trial.settle(run, 11)
    later = await trial.held_back(run, 2, step=1)
    await trial.pass_minutes(run)

    await trial.tick()

    assert await trial.at(run) == ("paused", "quality", 0)
    said = await trial.said(run)
    assert said["because"] == (
        "15 minutes after step 1 WhatsApp has told of 9 of its 20 messages (45.0%); the next step needs 50%"
    )
    await trial.tick()
    assert await trial.due(run) == []

    assert await trial.steering.resume(run, detail={}) == "running"
    assert await trial.at(run) == ("running", None, 1)
    await trial.tick()
    assert await trial.due(run) == later


async def test_a_run_that_goes_on_after_a_pause_gets_its_15_minutes_anew(trial: Trial) -> None:
    run = await trial.run()
    await trial.settle(run, 20)
    await trial.pass_minutes(run, 60)
    await trial.steering.pause(run, detail={})
    await trial.steering.resume(run, detail={})

    await trial.tick()
    assert await trial.at(run) == ("running", None, 0)

    await trial.pool.execute("UPDATE event SET at = at - interval '16 minutes'")
    await trial.tick()
    assert await trial.at(run) == ("paused", "quality", 0)


async def test_a_resume_after_a_bad_rating_of_the_number_opens_nothing(trial: Trial) -> None:
    run = await trial.run()
    await trial.rows.message(run)
    await trial.rows.ledger.pause_run(run, "quality", detail={"because": "rated RED"})

    await trial.steering.resume(run, detail={})

    assert await trial.at(run) == ("running", None, 0)


async def test_too_many_refusals_in_a_step_stop_the_run_and_name_the_evidence(trial: Trial) -> None:
    run = await trial.run(step=1, stop_if={"rejected": 0.05, "after": 50})
    await trial.settle(run, 2_000 // 10, told="read")
    await trial.settle(run, 46, step=1)
    await trial.settle(run, 4, step=1, state="rejected")
    rest = await trial.held_back(run, 5, step=2)

    await trial.tick()

    assert await trial.at(run) == ("paused", "stop_loss", 1)
    said = await trial.said(run)
    assert said["because"] == "4 of 50 messages in step 2 (8.0%) were refused by WhatsApp; `stop_if` allows 5%"
    assert said["evidence"]["messages"] == 4
    assert await trial.rows.mark(run, *rest) == ["stopped"] * 5


async def test_after_a_resume_only_what_follows_counts(trial: Trial) -> None:
    run = await trial.run(ramp=[], stop_if={"rejected": 0.05, "after": 10})
    await trial.settle(run, 10, state="rejected")
    await trial.rows.message(run)
    await trial.tick()
    assert await trial.at(run) == ("paused", "stop_loss", 0)

    await trial.steering.resume(run, detail={})
    await trial.settle(run, 10)
    await trial.tick()
    assert await trial.at(run) == ("running", None, 0)

    await trial.settle(run, 1, state="rejected")
    await trial.tick()
    assert (await trial.said(run))["because"].startswith("1 of 11 messages (9.1%)")


async def test_a_pause_decided_before_a_resume_comes_too_late(trial: Trial) -> None:
    run = await trial.run(ramp=[], stop_if={"rejected": 0.05, "after": 10})
    await trial.rows.message(run)
    [before] = await trial.listed()
    await trial.pool.execute("UPDATE run SET judged_from = now() WHERE id = $1", run)

    assert not await trial.judgements.pause(before, "stop_loss", detail={})
    assert not await trial.judgements.open_step(replace(before, step=1), detail={})
    assert await trial.at(run) == ("running", None, 0)


async def test_a_relaunch_takes_new_limits_over(trial: Trial) -> None:
    run = await trial.run(ramp=[], stop_if={"rejected": 0.05, "after": 10})
    await trial.settle(run, 10, state="rejected")

    await trial.steering.take_settings_over(run, replace(NEW, stop_if={"rejected": 1.0, "after": 10}))
    await trial.tick()

    assert await trial.at(run) == ("running", None, 0)


async def test_an_order_to_send_again_is_not_stopped_by_what_it_mends(trial: Trial) -> None:
    run = await trial.run(ramp=[], stop_if={"rejected": 0.05, "after": 10})
    await trial.settle(run, 10, state="rejected")
    await trial.tick()

    await trial.pool.execute(load_queries("resending")["reopen"], run, 10, {}, [])
    await trial.tick()

    assert await trial.at(run) == ("running", None, 0)


@pytest.mark.parametrize("kind", ["unknown", "failed", "held", "dropped"])
async def test_every_way_to_go_wrong_is_counted(trial: Trial, kind: str) -> None:
    run = await trial.run(ramp=[], stop_if={kind: 0.05, "after": 10})
    state = kind if kind == "unknown" else "accepted"
    await trial.settle(run, 9, told="read")
    await trial.settle(run, 1, state=state, told="none" if kind == "unknown" else kind)

    await trial.tick()

    assert (await trial.said(run))["evidence"]["kind"] == kind


@pytest.mark.parametrize(
    ("source", "after_it", "stops"),
    [("stop_word", True, True), ("preference", True, True), ("stop_word", False, False), ("whatsapp", True, False)],
)
async def test_an_opt_out_counts_if_it_follows_the_message(
    trial: Trial, source: str, *, after_it: bool, stops: bool
) -> None:
    run = await trial.run(ramp=[], stop_if={"opt_out": 0.05, "after": 10})
    await trial.settle(run, 10, told="read")
    await trial.pool.execute("UPDATE run SET started_at = now() - interval '1 hour'")
    await trial.pass_minutes(run, 10)
    await trial.pool.execute(
        "INSERT INTO suppression (person, scope, source, reason, at) SELECT person, s, $1, 'asked', marked_at + $2"
        "  FROM (SELECT * FROM message LIMIT 1) AS m, unnest('{all,marketing}'::text[]) AS s",
        source,
        timedelta(minutes=1 if after_it else -1),
    )

    await trial.tick()

    assert (await trial.at(run))[0] == ("paused" if stops else "running")


async def test_a_run_is_judged_by_the_owner_of_its_first_owned_shard_alone(trial: Trial) -> None:
    run = await trial.run(shards=["lyon", "paris"])
    other = PostgresJudgements(trial.pool, process=await trial.rows.add_process())

    assert [each.run for each in await trial.listed()] == [run]
    assert list(await other.runs()) == []

    await trial.pool.execute("UPDATE shard SET owner = $1 WHERE id = 'lyon'", trial.rows.process + 1)
    assert list(await trial.listed()) == []
    assert [each.run for each in await other.runs()] == [run]

    # Nobody has to take a dead one's shard for that.
    await trial.pool.execute("UPDATE process SET ended_at = now() WHERE id = $1", trial.rows.process + 1)
    assert [each.run for each in await trial.listed()] == [run]
    assert list(await other.runs()) == []


async def test_what_needs_no_judge_is_not_listed(trial: Trial) -> None:
    await trial.run(ramp=[])
    await trial.run(state="paused", reason="command")

    assert list(await trial.listed()) == []


async def test_a_release_goes_on_where_a_crash_left_off(trial: Trial) -> None:
    run = await trial.run(step=1)
    first, second = await trial.held_back(run, 5, step=1), await trial.held_back(run, 5, step=2)

    assert [await trial.judgements.release(run, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert await trial.due(run) == first
    assert await trial.rows.mark(run, *second) == ["later"] * 5


async def test_a_mark_refuses_a_step_that_is_not_open_even_if_it_is_due(trial: Trial) -> None:
    run = await trial.run(step=0)
    row = await trial.rows.message(run, step=1)

    assert await trial.rows.mark(run, row) == ["later"]


async def test_what_is_released_leaves_in_the_next_window_of_its_zone(trial: Trial) -> None:
    run = await trial.run(step=1)
    [here] = await trial.held_back(run, 1, step=1, zone=0)
    [there] = await trial.held_back(run, 1, step=1, zone=1)
    await trial.pool.execute(
        "INSERT INTO run_window (run, zone, opens_at, closes_at)"
        " SELECT $1, z, now() + f, now() + f + interval '2 hours'"
        "  FROM (VALUES (0, interval '-3 h'), (0, '-1 h'), (0, '21 h'), (1, '-5 h'), (1, '5 h')) AS w (z, f)",
        run,
    )

    assert await trial.judgements.release(run, limit=10) == 2

    assert await trial.due(run) == [here]
    assert (await trial.rows.at(run, there))["not_before"] > await trial._now()


# What a plan writes.


@pytest.fixture
async def ledger(ledger_dsn: str) -> Any:
    async with open_ledger(ledger_dsn) as opened:
        yield opened


async def plan(ledger: Ledger, count: int, ramp: tuple[float, ...]) -> int:
    opened = await ledger.runs.open(replace(NEW, ramp=ramp))
    terms = Terms(lambda _: "paris", step_of=chooser(NEW.campaign, ramp))
    await ledger.fill(opened.id, Audience(*people(count)), terms=terms)
    return opened.id


async def test_later_steps_are_planned_and_held_back(ledger: Ledger) -> None:
    run = await plan(ledger, 300, (0.3, 1.0))

    sizes = await ledger.rows(
        "SELECT step, not_before = 'infinity', count(*)::int FROM message WHERE run = $1 GROUP BY 1, 2 ORDER BY 1", run
    )
    assert [(step, held_back) for step, held_back, _ in sizes] == [(0, False), (1, True)]
    assert sum(count for *_, count in sizes) == 300


async def test_a_step_is_topped_up_with_those_who_come_next(ledger: Ledger) -> None:
    run = await plan(ledger, 300, (0.1, 1.0))
    before = await ledger.value("SELECT count(*)::int FROM message WHERE step = 0")
    async with ledger.pool.acquire() as connection:
        writing = PostgresPlanWriting(connection, run=run, process=ledger.process)
        moved = await writing.top_up(0, 50 - before)

    assert sum(moved.values()) == 50 - before
    assert {group.step for group in moved} == {1}
    found = await ledger.rows("SELECT person, step FROM message WHERE run = $1", run)
    first = sorted(sha256(b"spring\0ramp\0" + person).digest() for person, step in found if step == 0)
    everybody = sorted(sha256(b"spring\0ramp\0" + person).digest() for person, _ in found)
    assert first == everybody[:50]
