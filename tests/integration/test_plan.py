"""Plans written to a real ledger."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from campaign.audience import Refused
from campaign.domain.errors import AlreadyRunning, RefusedByPlan
from campaign.domain.numbers import person
from tests.integration.planning import KEY, NEW, Ledger, Rows, open_ledger, people


@pytest.fixture
async def ledger(ledger_dsn: str) -> AsyncIterator[Ledger]:
    async with open_ledger(ledger_dsn) as found:
        yield found


STATES = "SELECT row, state::text, reason FROM message WHERE run = $1 ORDER BY row"
REFUSALS = "SELECT row, reason, detail FROM refusal WHERE run = $1 ORDER BY row"


async def test_every_row_becomes_one_message_or_one_refusal(ledger: Ledger) -> None:
    (a, b, c) = people(3)

    run, done = await ledger.plan(a, b, ("0612", "Nobody"), a, c)

    assert (done.audience, done.planned, done.refused) == (5, 3, {"duplicate": 1, "invalid": 1})
    assert await ledger.rows(STATES, run) == [(1, "pending", None), (2, "pending", None), (5, "pending", None)]
    refusals = await ledger.rows(REFUSALS, run)
    assert [(row, reason) for row, reason, _ in refusals] == [(3, "invalid"), (4, "duplicate")]


@pytest.mark.parametrize("batch", [1, 2, 100])
async def test_a_duplicate_names_the_first_row_in_its_own_batch_or_an_earlier_one(ledger: Ledger, batch: int) -> None:
    """The same person in another spelling is the same person."""
    opened = await ledger.runs.open(NEW)

    await ledger.fill(opened.id, Rows(("0612345678", "A"), ("+33612345679", "B"), ("+33612345678", "C"), batch=batch))

    assert await ledger.rows(REFUSALS, opened.id) == [
        (3, "duplicate", "the same person as row 1; leave one of the two out")
    ]


async def test_the_run_is_set_running_by_the_same_commit(ledger: Ledger) -> None:
    run, done = await ledger.plan(*people(3))

    facts = await ledger.rows(
        "SELECT state::text, planner, audience, audience_digest, planned_at IS NOT NULL, started_at IS NOT NULL "
        "FROM run WHERE id = $1",
        run,
    )
    assert facts == [("running", None, 3, done.digest, True, True)]
    assert await ledger.value("SELECT count(*) FROM event WHERE run = $1 AND name = 'run.planned'", run) == 1


async def test_a_scheduled_run_has_not_started(ledger: Ledger) -> None:
    opened = await ledger.runs.open(NEW)

    await ledger.fill(opened.id, Rows(*people(2)), state="scheduled")

    facts = await ledger.rows("SELECT state::text, started_at FROM run")
    assert facts == [("scheduled", None)]


async def test_a_refused_plan_leaves_no_trace(ledger: Ledger) -> None:
    with pytest.raises(RefusedByPlan, match="'name' is empty in 1 row"):
        await ledger.plan(*people(5), ("+33612345699", None))

    for table in ("run", "message", "refusal"):
        assert await ledger.value(f"SELECT count(*) FROM {table}") == 0


async def _suppress(ledger: Ledger, row: int, scope: str) -> None:
    await ledger.do(
        "INSERT INTO suppression (person, scope, reason) SELECT person, $2, 'opt_out' FROM message WHERE row = $1",
        row,
        scope,
    )


async def test_the_suppressed_are_planned_as_skipped(ledger: Ledger) -> None:
    await ledger.plan(*people(3), key="first")
    await _suppress(ledger, 1, "all")
    await _suppress(ledger, 2, "marketing")

    run, done = await ledger.plan(*people(3))

    assert (done.planned, done.skipped) == (3, {"suppressed": 2})
    assert await ledger.rows(STATES, run) == [
        (1, "skipped", "suppressed"),
        (2, "skipped", "suppressed"),
        (3, "pending", None),
    ]
    assert await ledger.value("SELECT count(*) FROM message WHERE state = 'skipped' AND settled_at IS NOT NULL") == 2


async def test_of_whom_asked_to_be_forgotten_a_plan_writes_nothing_down(ledger: Ledger) -> None:
    """Their row is counted, so that the audience adds up; nothing else of it comes back, however it is spelled."""
    await ledger.plan(*people(3), key="first")
    await ledger.do(
        "INSERT INTO suppression (person, scope, source, reason) SELECT person, 'all', 'erased', '' FROM message "
        "WHERE row = 2"
    )

    run, done = await ledger.plan(*people(3), ("06 12 34 00 01", "Name 1"), definition={"category": "utility"})

    assert (done.planned, done.skipped, done.refused) == (3, {"suppressed": 1}, {"duplicate": 1})
    kept = await ledger.rows("SELECT number, variables, state::text FROM message WHERE run = $1 ORDER BY row", run)
    assert kept == [
        ("+33612340000", {"name": "Name 0"}, "pending"),
        ("", {}, "skipped"),
        ("+33612340002", {"name": "Name 2"}, "pending"),
    ]


async def test_a_refusal_knows_whom_it_meant_where_the_number_could_be_read(ledger: Ledger) -> None:
    (a, b) = people(2)
    asked = Refused(9, "no_consent", "ask the person", person(b[0], KEY))

    run, _ = await ledger.plan(a, a, ("12", "Nobody"))
    async with ledger.plans.writing(run) as writing:
        await writing.write([], [asked])

    assert await ledger.rows("SELECT row, reason, person FROM refusal WHERE run = $1 ORDER BY row", run) == [
        (2, "duplicate", person(a[0], KEY)),
        (3, "invalid", None),
        (9, "no_consent", person(b[0], KEY)),
    ]


async def test_a_marketing_suppression_does_not_stop_a_utility_message(ledger: Ledger) -> None:
    await ledger.plan(*people(1), key="first")
    await _suppress(ledger, 1, "marketing")

    _, done = await ledger.plan(*people(1), definition={"category": "utility"})

    assert done.skipped == {}


async def _claim(ledger: Ledger, *, campaign: str, until: str) -> None:
    await ledger.do(
        "INSERT INTO content_claim (person, content, campaign, run, row, until) "
        "SELECT person, content, $1, 0, 0, now() + $2::text::interval FROM message WHERE row = 1",
        campaign,
        until,
    )


@pytest.mark.parametrize(
    ("claim", "run", "skipped"),
    [
        ({"campaign": "winter", "until": "1 day"}, {}, {"already_sent": 1}),
        ({"campaign": "winter", "until": "-1 day"}, {}, {}),
        ({"campaign": "spring", "until": "1 day"}, {}, {}),
        ({"campaign": "spring", "until": "1 day"}, {"own_runs": False}, {"already_sent": 1}),
        ({"campaign": "winter", "until": "1 day"}, {"duplicate_window": None}, {}),
    ],
    ids=["another campaign", "expired", "own run allowed", "own run refused", "window off"],
)
async def test_the_same_content_within_the_window_is_planned_as_skipped(
    ledger: Ledger, claim: dict[str, str], run: dict[str, Any], skipped: dict[str, int]
) -> None:
    await ledger.plan(*people(2), key="first")
    await _claim(ledger, **claim)

    _, done = await ledger.plan(*people(2), **run)

    assert done.skipped == skipped


async def test_a_plan_taken_over_meanwhile_commits_nothing(ledger: Ledger) -> None:
    opened = await ledger.runs.open(NEW)
    await ledger.do("UPDATE run SET planner = 0 WHERE id = $1", opened.id)

    with pytest.raises(AlreadyRunning):
        await ledger.fill(opened.id, Rows(*people(3)))

    assert await ledger.value("SELECT count(*) FROM message") == 0
    assert await ledger.value("SELECT count(*) FROM run") == 1


async def test_analyze_counts_the_partition_the_run_lives_in(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(300))

    await ledger.plans.analyze(run)

    assert await ledger.value("SELECT reltuples FROM pg_class WHERE relname = 'message_default'") == 300


async def test_a_rehearsed_plan_counts_as_the_real_one_would_and_leaves_no_trace(ledger: Ledger) -> None:
    """The campaign has been sent to the first of them, and its run is still there."""
    await ledger.plan(*people(2))
    await _suppress(ledger, 1, "marketing")
    await _claim(ledger, campaign="winter", until="1 day")
    before = await ledger.rows("SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM message)")

    done = await ledger.rehearse(*people(3), ("12", "Nobody"))

    assert (done.audience, done.planned, done.refused, done.skipped) == (4, 3, {"invalid": 1}, {"suppressed": 1})
    assert await ledger.rows("SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM message)") == before
