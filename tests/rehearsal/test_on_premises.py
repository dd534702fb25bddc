"""The On-Premises dialect: one shard, many shards under one client's ceiling, and tokens that expire in mid-run."""

import math
from typing import Any

import pytest

from tests.rehearsal.children import tell
from tests.rehearsal.world import World

CLIENT = "client"
ATTEMPTS = 5
MINUTE = 60

SMALL = [(1, 70, 5), (32, 250, 5)]
FULL = [(1, 70, MINUTE), (32, 250, MINUTE)]


def within_ceilings(throughput: dict[str, dict[str, Any]]) -> bool:
    return all(each["worst_second"] <= math.ceil(each["ceiling"]) for each in throughput.values())


@pytest.mark.parametrize(
    ("count", "rate", "seconds"), [*SMALL, *(pytest.param(*each, marks=pytest.mark.chaos) for each in FULL)]
)
def test_no_second_is_above_the_clients_ceiling(world: World, count: int, rate: int, seconds: int) -> None:
    world.configure(dialect="on_premises", shards={"count": count, "throughput": rate})
    # Tokens live so shortly that several expire in mid-run.
    world.begin("calm", throughput=(rate,), webhook_loss=1, token_seconds=max(4, seconds // 4))
    campaign = world.compose("spring", world.invite(rate * seconds))

    for attempt in range(ATTEMPTS):
        world.platform.reset()
        ended = world.launch(campaign, "--run", f"attempt-{attempt}").end(within=seconds + 120)
        there = world.platform.summary()
        assert ended.code == 0, ended.err
        client = ended.json["throughput"][CLIENT]
        used = round(client["mean"] / rate, 4)
        arrived = there["worst_second_requests"]["on-premises"]
        tell("on-premises", shards=count, seconds=seconds, client=client, used=used, worst_arrived=arrived,
             worst_shard=max(each["worst_second"] for name, each in ended.json["throughput"].items() if name != CLIENT),
             logins=there["logins"], refused_there=there["errors"])  # fmt: skip
        assert within_ceilings(ended.json["throughput"])
        assert (there["accepted"], there["duplicates"]) == (world.people, 0)
        assert there["logins"] >= 2
        if seconds < MINUTE or arrived <= rate * 1.03 + 1:
            break

    if seconds >= MINUTE:
        assert arrived <= rate * 1.03 + 1
        assert used >= 0.97


def test_all_tokens_revoked_in_mid_run_lose_no_message(world: World) -> None:
    world.configure(dialect="on_premises", shards={"count": 4, "throughput": 80})
    world.begin("calm", throughput=(80,))
    sender = world.launch(world.compose("spring", world.invite(400)))
    world.sends(sender, more_than=80)

    world.platform.token(revoke=True)
    ended, there = sender.end(within=60), world.platform.summary()
    tell("on-premises tokens revoked", exit_code=ended.code, logins=there["logins"], refused=there["errors"],
         duplicates=there["duplicates"], send=ended.json["send"])  # fmt: skip
    assert ended.code == 0, ended.err
    assert (there["accepted"], there["duplicates"]) == (400, 0)
    # One for the look before the launch, one to send, and one for all that were refused together.
    assert there["logins"] <= 4
