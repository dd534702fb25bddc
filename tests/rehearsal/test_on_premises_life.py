"""A day in the life of an On-Premises client: kills, two launchers, webhooks, a provider's key, a worker."""

import http.client
import json
import math
import signal
import time
from typing import Any

import pytest

from tests.rehearsal.children import tell, until
from tests.rehearsal.world import World

RATE = 80
SHARDS = 8
ATTEMPTS = 3
CLIENT = "on-premises"
RESTRICTED = 471
WRITTEN = 240
# A dead process is found within ten seconds at most; a new owner waits one.
TAKEN_OVER_WITHIN = 15.0

STATES = """
SELECT m.state::text, count(*)::int FROM message AS m JOIN run AS r ON r.id = m.run WHERE r.campaign = $1 GROUP BY 1
"""
ACCEPTED = (
    "SELECT m.message_id FROM message AS m JOIN run AS r ON r.id = m.run WHERE r.campaign = $1 AND m.state = 'accepted'"
)
OWNED = "SELECT count(*) FROM shard WHERE owner IS NOT NULL"


@pytest.fixture(scope="module")
def shared(shared_world: World) -> World:
    client(shared_world)
    shared_world.begin("calm")
    return shared_world


@pytest.fixture
def world(shared: World) -> World:
    """Give the world of all tests here, with a client that nobody has sent over yet."""
    client(shared)
    shared.platform.change(latency_ms=(20, 60), errors={}, throughput={CLIENT: "unlimited"})
    shared.platform.reset()
    return shared


def client(world: World, *, account: dict[str, Any] | None = None, **sections: Any) -> None:
    """Configure a client of eight shards."""
    world.configure(dialect="on_premises", shards={"count": SHARDS, "throughput": RATE}, account=account, **sections)


def test_a_killed_sender_leaves_in_doubt_what_was_in_flight_and_nothing_else(world: World) -> None:
    people = 3 * RATE
    # So many are in flight at any time that a kill cannot miss them.
    world.platform.change(latency_ms=(200, 300))
    campaign = world.compose("killed", world.invite(people))
    sender = world.launch(campaign)
    world.sends(sender, more_than=people // 4)
    sender.kill9()
    left = states(world, "killed")["in_flight"]

    ended, there = world.launch(campaign).end(within=60), world.platform.summary()

    found = states(world, "killed")
    taken = ended.events("shard.taken")
    known = {message_id for (message_id,) in world.rows(ACCEPTED, "killed")}
    unheard = [entry for entry in world.platform.ledger() if entry["wamid"] not in known]
    tell("on-premises kill -9", in_flight=left, states=found, accepted_there=there["accepted"], doubted=len(unheard),
         duplicates=there["duplicates"], exit_code=ended.code)  # fmt: skip
    assert left > 0
    assert (ended.code, ended.json["state"]) == (4, "finished"), ended.err
    assert there["duplicates"] == 0
    assert found.get("unknown", 0) == left <= SHARDS * math.ceil(1.2 * RATE / SHARDS)
    assert found["accepted"] == people - left == len(known)
    assert len(unheard) <= left
    assert [line["shard"] for line in taken][:1] == ["shard-01"]
    assert {line["shard"] for line in taken} == {f"shard-{each:02}" for each in range(1, SHARDS + 1)}


@pytest.mark.alone
def test_two_launchers_of_one_client_keep_its_ceiling_together(world: World) -> None:
    world.platform.change(throughput={CLIENT: RATE})
    for attempt in range(ATTEMPTS):
        world.platform.reset()
        campaigns = [world.compose(f"{name}-{attempt}", world.invite(2 * RATE)) for name in ("spring", "summer")]

        launched = [world.launch(campaign) for campaign in campaigns]
        ended = [each.end(within=60) for each in launched]

        there = world.platform.summary()
        arrived = there["worst_second_requests"][CLIENT]
        # Asked anew: whose messages another process sent learns of its figures when that one has written them.
        worst = [world.report(each.stem)["throughput"]["client"]["worst_second"] for each in campaigns]
        tell("two launchers, one client", worst_left=worst, worst_arrived=arrived, ceiling=RATE,
             seconds=[round(each.seconds, 1) for each in ended], errors=there["errors"])  # fmt: skip
        assert [each.code for each in ended] == [0, 0], [each.err for each in ended]
        assert (there["accepted"], there["duplicates"]) == (4 * RATE, 0)
        assert max(worst) <= RATE
        # A stall of this machine bunches what had left in good order.
        if arrived <= RATE * 1.03 + 1:
            break
    assert arrived <= RATE * 1.03 + 1


def test_another_launcher_takes_a_dead_ones_client_over(world: World) -> None:
    world.platform.change(throughput={CLIENT: RATE})
    people = 3 * RATE
    autumn, winter = (world.compose(name, world.invite(people)) for name in ("autumn", "winter"))
    dying = world.launch(autumn)
    world.sends(dying, more_than=RATE // 2)
    waiting = world.launch(winter)
    until(lambda: states(world, "winter").get("accepted") or not waiting.running, what="both runs are sent")
    dying.kill9()
    died_at, before = time.monotonic(), world.platform.accepted
    world.sends(waiting, more_than=before + RATE // 4)
    went_on_after = time.monotonic() - died_at

    second, first = waiting.end(within=60), world.launch(autumn).end(within=60)

    there = world.platform.summary()
    arrived, unknown = there["worst_second_requests"][CLIENT], second.json["send"]["unknown"]
    unknown += first.json["send"]["unknown"]
    tell("on-premises leader killed", went_on_after=round(went_on_after, 1), unknown=unknown, worst_arrived=arrived,
         exit_codes=[second.code, first.code], duplicates=there["duplicates"])  # fmt: skip
    assert {second.code, first.code} <= {0, 4}, second.err + first.err
    assert second.json["send"]["accepted"] + first.json["send"]["accepted"] + unknown == 2 * people
    assert there["duplicates"] == 0
    assert world.report("winter")["throughput"]["client"]["worst_second"] <= RATE
    assert went_on_after < TAKEN_OVER_WITHIN


def test_a_restricted_number_stops_all_shards_of_its_client(world: World) -> None:
    people = 3 * RATE
    sender = world.launch(world.compose("restricted", world.invite(people)))
    world.sends(sender, more_than=RATE)

    world.platform.change(errors={RESTRICTED: 1.0})
    ended, there = sender.end(within=60), world.platform.summary()
    refused = there["errors"][str(RESTRICTED)]
    stopped = {line["shard"] for line in ended.events("shard.stopped")}
    tell("on-premises number restricted", exit_code=ended.code, reason=ended.json["reason"], refused=refused,
         stopped=len(stopped), send=ended.json["send"])  # fmt: skip
    assert (ended.code, ended.json["state"], ended.json["reason"]) == (5, "paused", "account"), ended.err
    assert len(stopped) == SHARDS
    assert ended.json["send"]["accepted"] + ended.json["send"]["pending"] == people

    world.platform.change(errors={})
    resumed = world.campaign("resume", "restricted", "--json")
    assert (resumed.code, resumed.json["send"]["accepted"]) == (0, people), resumed.err
    assert world.platform.summary()["duplicates"] == 0


def test_what_the_number_receives_is_taken_off_the_clients_ceiling(world: World) -> None:
    client(world, headroom="auto", interval="1s")
    minute = time.time() // 60 * 60
    for _ in range(WRITTEN):
        # All in one minute, so that the rate is known whatever the time.
        world.platform.write(33_698_000_000, text="hi", age_s=time.time() - minute)
    world.hear_everything()
    left = RATE - WRITTEN / 60

    ended = world.launch(world.compose("receiving", world.invite(3 * RATE))).end(within=60)

    told = [(line["shard"], line["ceiling"]) for line in ended.events("shard.ceiling")]
    measured = ended.json["throughput"]["client"]
    tell("on-premises headroom: auto", written_per_s=WRITTEN / 60, ceiling=told, measured=measured)
    assert ended.code == 0, ended.err
    assert told == [(CLIENT, left)]
    assert (measured["ceiling"], measured["worst_second"] <= math.ceil(left)) == (left, True)


def test_only_the_secret_path_tells_of_deliveries(world: World) -> None:
    world.platform.change(delivered=1, read=0)
    people = 40
    ended = world.launch(world.compose("told", world.invite(people))).end(within=60)
    assert ended.code == 0, ended.err
    world.hear_everything()
    heard = world.value("SELECT count(*) FROM webhook")
    [message_id, *_] = [row[0] for row in world.rows(ACCEPTED, "told")]
    read = {"statuses": [{"id": message_id, "status": "read", "timestamp": "1790000000", "recipient_id": "33612"}]}

    right, wrong = world.secrets["WHATSAPP_WEBHOOK_PATH"], "x" * 43
    answers = [post(world, path, read) for path in (f"/webhook/{wrong}", f"/webhook/{right}x", "/webhook", "/webhook/")]
    kept = world.value("SELECT count(*) FROM webhook") - heard
    tell("on-premises webhooks", answers=answers, kept=kept, delivery=world.report("told")["delivery"])
    assert set(answers) <= {401, 404}
    assert kept == 0
    assert world.report("told")["delivery"]["delivered"] == people

    assert post(world, f"/webhook/{right}", read) == 200
    until(lambda: world.report("told")["delivery"]["read"] == 1, within=10, every=0.2, what="it is read")


def test_a_providers_key_sends_without_a_login(world: World) -> None:
    client(world, account={"username": None, "password": None, "access_token": "${WHATSAPP_TOKEN}"})
    world.platform.token(accept=world.secrets["WHATSAPP_TOKEN"])

    ended, there = world.launch(world.compose("key", world.invite(40))).end(within=60), world.platform.summary()

    tell("provider's key", exit_code=ended.code, logins=there["logins"], accepted=there["accepted"])
    assert (ended.code, ended.json["send"]["accepted"]) == (0, 40), ended.err
    assert (there["logins"], there["duplicates"]) == (0, 0)


def test_a_worker_sends_over_all_shards_what_a_launcher_left(world: World) -> None:
    people = 120
    left = world.launch(world.compose("left", world.invite(people)), "--detach").end(within=30)
    assert (left.code, left.json["state"], left.json["send"]["pending"]) == (0, "running", people), left.err

    worker = world.start("worker")
    until(lambda: world.report("left")["state"] == "finished" or not worker.running, every=0.3, what="it is sent")
    owned = world.value(OWNED)
    worker.signal(signal.SIGTERM)
    ended, there = worker.end(within=30), world.platform.summary()

    report = world.report("left")
    tell("worker", exit_code=ended.code, owned=owned, send=report["send"], client=report["throughput"]["client"])
    assert (report["send"]["accepted"], there["accepted"], there["duplicates"]) == (people, people, 0), ended.err
    assert (owned, world.value(OWNED)) == (SHARDS, 0)
    assert report["throughput"]["client"]["worst_second"] <= RATE
    assert ended.code == 143, ended.err


def states(world: World, campaign: str) -> dict[str, int]:
    return dict(world.rows(STATES, campaign))


def post(world: World, path: str, body: object) -> int:
    """Post a webhook nobody signed; returns the HTTP status."""
    connection = http.client.HTTPConnection("127.0.0.1", world.webhook_port, timeout=10)
    try:
        connection.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()
