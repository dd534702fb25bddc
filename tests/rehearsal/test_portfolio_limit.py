"""A portfolio limit over two campaigns and two processes: portion by portion, never one too many, nobody lost."""

import signal
import time
from dataclasses import dataclass

import pytest

from tests.rehearsal.children import tell, until
from tests.rehearsal.world import World


@dataclass(frozen=True)
class Size:
    """`window` in seconds; `rate` of each of two numbers."""

    people: int
    limit: int
    window: int
    rate: float
    patience: float


SMALL, FULL = Size(180, 100, 5, 100, 60), Size(5_000, 2_000, 60, 500, 400)
SIZES = pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])


def arrange(world: World, size: Size, *, told: object = "TIER_UNLIMITED", **account: object) -> None:
    """Give both sides the limit; WhatsApp answers one too many with what stops the number."""
    world.configure((size.rate, size.rate), account=account, portfolio_window=f"{size.window}s", interval="1s")
    world.begin("instant", portfolio_limit=size.limit, portfolio_window_s=size.window, messaging_limit=told)


@SIZES
def test_two_campaigns_in_two_processes_share_the_limit_portion_by_portion(world: World, size: Size) -> None:
    arrange(world, size, portfolio_limit=size.limit)
    more = {"shards": ["s0"]}, {"shards": ["s1"]}
    first = world.compose("first", world.invite(size.people // 2), **more[0])
    second = world.compose("second", world.invite(size.people - size.people // 2), **more[1])

    started = time.monotonic()
    senders = [world.launch(each, "--wait", "10m") for each in (first, second)]
    until(lambda: world.platform.accepted >= size.limit, within=size.patience, what="the first portion is out")
    until(lambda: world.report("first")["reason"] == "limit", within=size.window + 5, what="it is told to wait")
    waiting = world.report("first")
    ended = [sender.end(within=size.patience) for sender in senders]
    took = time.monotonic() - started

    assert [each.code for each in ended] == [0, 0], [each.err for each in ended]
    summary = world.platform.summary()
    portions = portions_of([entry["at"] for entry in world.platform.ledger()], apart=size.window / 4)
    tell("portfolio limit", people=size.people, limit=size.limit, window_s=size.window, portions=portions,
         worst_window=summary["worst_portfolio_window"], took_s=round(took, 1))  # fmt: skip
    assert (waiting["state"], waiting["reason"], waiting["send"]["in_flight"]) == ("running", "limit", 0)
    assert waiting["waits_until"] is not None
    assert summary["worst_portfolio_window"] <= size.limit
    assert (summary["accepted"], summary["duplicates"], summary["errors"]) == (size.people, 0, {})
    assert len(portions) == -(-size.people // size.limit)
    assert portions[0] == size.limit


def portions_of(times: list[float], *, apart: float) -> list[int]:
    """Count what was accepted between pauses of at least so many seconds."""
    portions, last = [0], min(times)
    for at in sorted(times):
        if at - last > apart:
            portions.append(0)
        portions[-1] += 1
        last = at
    return portions


def test_a_killed_sender_takes_no_more_than_its_messages_with_it(world: World) -> None:
    """What it had on lease is idle and goes back; what it had under way is unknown, and counts."""
    size = SMALL
    arrange(world, size, portfolio_limit=size.limit)
    world.platform.change(latency_ms=[200, 200])
    campaign = world.compose("spring", world.invite(120))
    killed = world.launch(campaign)
    world.sends(killed, more_than=20)
    killed.signal(signal.SIGKILL)
    killed.end()

    ended = world.launch(campaign, "--wait", "10m").end(within=size.patience)

    summary = world.platform.summary()
    tell("killed leaseholder", worst_window=summary["worst_portfolio_window"], accepted=summary["accepted"])
    assert ended.code in (0, 4), ended.err
    assert summary["worst_portfolio_window"] <= size.limit
    assert (summary["duplicates"], summary["errors"]) == (0, {})
    assert world.states()["accepted"] + world.states().get("unknown", 0) == 120


def test_beyond_wait_the_launch_exits_5_and_what_whatsapp_says_later_lets_the_rest_go(world: World) -> None:
    """The limit is the account's own; a webhook raises it, and the same command again sends the rest."""
    world.configure((200,), interval="1s")
    world.begin("instant", portfolio_limit=100, messaging_limit=100)
    campaign = world.compose("spring", world.invite(150))

    waiting = world.launch(campaign, "--wait", "3s").end()

    assert waiting.code == 5, waiting.err
    assert (waiting.json["state"], waiting.json["reason"], waiting.json["send"]["accepted"]) == (
        "running",
        "limit",
        100,
    )
    assert waiting.json["waits_until"] > waiting.json["started_at"]
    assert "100 of 100 people in 24 hours (as WhatsApp says)" in world.campaign("status").out

    world.platform.change(portfolio_limit=2000, messaging_limit="TIER_2K")
    world.platform.tell(capability="TIER_2K")
    until(lambda: world.value("SELECT people FROM portfolio") == 2000, what="the receiver follows the limit")
    ended = world.launch(campaign).end()

    assert ended.code == 0, ended.err
    assert (ended.json["send"]["accepted"], ended.json["reason"]) == (150, None)
    assert world.platform.summary()["errors"] == {}


@pytest.mark.chaos
def test_a_run_that_is_not_to_wait_pauses_for_the_limit_and_resume_goes_on(world: World) -> None:
    arrange(world, SMALL, portfolio_limit=100)
    campaign = world.compose("spring", world.invite(150), quality={"when_limited": "pause", "settle": "1s"})

    paused = world.launch(campaign).end()

    assert paused.code == 5, paused.err
    assert (paused.json["state"], paused.json["reason"], paused.json["send"]["pending"]) == ("paused", "limit", 50)
    resume = ("resume", "spring", "--json")
    until(lambda: world.campaign(*resume).code == 0, within=60, every=2, what="people fell out of the window")
    assert world.platform.summary()["worst_portfolio_window"] <= 100
