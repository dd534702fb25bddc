"""Rows of people who were forgotten: nothing is sent to them, and no message ID comes back, whatever is said later."""

from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.suppressions import PostgresSuppressions
from campaign.bootstrap.suppressing import REVOCABLE, SCOPES
from campaign.domain.errors import RefusedByPlan
from campaign.domain.outcome import Settlement
from campaign.domain.resending import Which, WhyNot
from campaign.ports import Acceptance
from tests.integration.orders import ORDERED, Orders
from tests.integration.rows import Rows

GONE: dict[str, Any] = {"number": "", "variables": {}}
ERASED: dict[str, Any] = {**GONE, "message_id": None, "reason": "erased"}


@pytest.fixture
async def orders(pool: asyncpg.Pool) -> Orders:
    return Orders(await Rows(pool).start())


@pytest.mark.parametrize(
    ("which", "values"),
    [
        (Which.DROPPED, {"state": "accepted", "delivery": "dropped", "code": 132015, **ERASED}),
        (Which.FAILED, {"state": "accepted", "delivery": "failed", "code": 131026, **ERASED}),
        (Which.FAILED, {"state": "rejected", **GONE}),
        (Which.UNKNOWN, {"state": "unknown", **GONE}),
    ],
)
async def test_who_was_erased_is_not_sent_anything_again_even_if_nothing_is_known_of_it(
    orders: Orders, which: Which, values: dict[str, Any]
) -> None:
    """Not even by somebody who knows the row, and after their suppression was taken away by hand."""
    run = await orders.run()
    row = await orders.rows.message(run, **values)
    found = await orders.store.candidates(run, which)

    assert list((await orders.look(run, which)).left_out) == [WhyNot.SUPPRESSED]
    with pytest.raises(RefusedByPlan, match="have changed"):
        await orders.store.send_again(run, which, found.messages, ORDERED)
    assert await orders.rows.state(run, row) == values["state"]
    assert await orders.history(run) == []


async def test_a_mark_knows_the_erased_without_their_suppression(orders: Orders) -> None:
    run = await orders.run(state="running")
    row = await orders.rows.message(run, **GONE)

    assert await orders.rows.mark(run, row) == ["skipped"]
    assert (await orders.at(run, row))["reason"] == "suppressed"
    assert await orders.rows.claims() == []


async def test_taking_back_everything_does_not_take_back_an_erasure(orders: Orders) -> None:
    for source in ("erased", "command", "stop_word"):
        await orders.pool.execute(
            "INSERT INTO suppression (person, scope, source, reason) VALUES ('p', 'all', $1, 'asked')", source
        )

    taken, left = await PostgresSuppressions(orders.pool).allow([b"p"], scopes=SCOPES, sources=REVOCABLE)

    assert [source for _, _, source in taken] == ["command", "stop_word"]
    assert [each.source for each in left] == ["erased"]


@pytest.mark.parametrize("state", ["pending", "unknown", "rejected", "skipped", "cancelled", "accepted"])
async def test_proof_of_acceptance_does_not_bring_a_message_id_back(orders: Orders, state: str) -> None:
    run = await orders.run(state="running")
    more = {"message_id": None, "reason": "settled"} if state == "accepted" else {}
    row = await orders.rows.message(run, state, **GONE, **more)

    await PostgresFeedback(orders.pool).together(
        lambda batch: batch.accept([Acceptance(run, row, "wamid.back", ghost=True)])
    )

    message = await orders.at(run, row)
    assert (message["state"], message["message_id"], message["reason"]) == ("accepted", None, "erased")


@pytest.mark.parametrize("held", [False, True])
async def test_a_late_answer_does_not_bring_a_message_id_back(orders: Orders, *, held: bool) -> None:
    run = await orders.run(state="running")
    row = await orders.rows.message(run, "unknown", **GONE)

    assert await orders.rows.record(run, row, Settlement("accepted", message_id="wamid.back", held=held)) == set()

    message = await orders.at(run, row)
    assert (message["state"], message["message_id"], message["reason"]) == ("accepted", None, "erased")
    assert await orders.pool.fetchval("SELECT count(*) FROM fact") == 0


@pytest.mark.parametrize("known", [True, False])
async def test_a_webhook_about_an_erased_row_leaves_no_trace(orders: Orders, *, known: bool) -> None:
    run = await orders.run(state="running")
    row = await orders.rows.message(run, "rejected", person=b"gone", **GONE)
    # Where nobody was ever erased, nobody is looked for.
    await orders.pool.execute(
        "INSERT INTO suppression (person, source, reason) VALUES ($1, 'erased', 'asked')",
        b"gone" if known else b"somebody else",
    )

    await orders.hear(run, row, "wamid.back", "delivered", attempt=1)

    assert await orders.rows.state(run, row) == "rejected"
    assert await orders.pool.fetchval("SELECT count(*) FROM fact") == 0
    assert await orders.rows.run_state(run) == ("running", None)


async def test_the_erased_tell_nothing_about_webhooks_and_about_what_was_unknown(orders: Orders) -> None:
    run = await orders.run()
    await orders.told(run)
    once = {"was_unknown": True}
    await orders.rows.message(run, "accepted", **ERASED)
    for values in (ERASED, {"message_id": None, "reason": "settled"}, {"message_id": "heard"}):
        await orders.rows.message(run, "accepted", **once | values)
    await orders.rows.message(run, "rejected", **once | GONE)

    assert await orders.store.coverage(run) == (1, 1)
    assert await orders.store.earlier() == (2, 1, 1)
