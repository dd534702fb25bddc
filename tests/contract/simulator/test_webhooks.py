"""Webhooks: signed, early, repeated, retried, lost."""

import asyncio
import hashlib
import hmac
import json
import socket

from campaign.simulator.profile import Profile
from tests.contract.simulator.client import (
    PATIENCE_S,
    SECRET,
    Receiver,
    body,
    telling,
)


async def test_statuses_are_signed_and_echo_the_callback_data(receiver: Receiver) -> None:
    async with telling(receiver, Profile(delivered=1, read=1)) as api:
        _, answer = await api.send()
        summary = await api.settled()

    expected = [hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest() for raw in receiver.raw]
    assert receiver.signatures == [f"sha256={digest}" for digest in expected]
    assert [status["status"] for status in receiver.statuses()] == ["sent", "delivered", "read"]
    assert {status["id"] for status in receiver.statuses()} == {answer["messages"][0]["id"]}
    assert {status["biz_opaque_callback_data"] for status in receiver.statuses()} == {"c1.x"}
    assert (summary["statuses_queued"], summary["statuses_posted"]) == (3, 3)


async def test_a_status_may_come_before_the_answer(receiver: Receiver) -> None:
    async with telling(receiver, Profile(webhook_before_answer=1)) as api:
        _, answer = await api.send()

        assert [status["id"] for status in receiver.statuses()] == [answer["messages"][0]["id"]]


async def test_a_repeated_status_arrives_twice(receiver: Receiver) -> None:
    async with telling(receiver, Profile(webhook_repeat=1)) as api:
        await api.send()
        await api.settled()

    first, second = receiver.statuses()
    assert first == second


async def test_what_is_not_answered_200_is_told_again(receiver: Receiver) -> None:
    receiver.refusals = 2
    async with telling(receiver) as api:
        await api.send()
        summary = await api.settled()

    assert len(receiver.statuses()) == 1
    assert summary["statuses_posted"] == 1


async def test_a_dead_receiver_does_not_slow_the_messages(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        receiver.url = f"http://127.0.0.1:{deaf.getsockname()[1]}/webhook"
        async with telling(receiver, Profile(webhook_batch=1)) as api, asyncio.timeout(PATIENCE_S):
            for n in range(50):
                await api.send(body(f"+336{n:08d}"))

            assert (await api.summary())["webhooks_pending"] == 50


async def test_many_statuses_travel_in_few_batches(receiver: Receiver) -> None:
    async with telling(receiver, Profile(webhook_delay_ms=(300, 300), webhook_batch=30)) as api:
        await asyncio.gather(*(api.send(body(f"+336{n:08d}")) for n in range(60)))
        await api.settled()

    sizes = [len(json.loads(raw)["entry"][0]["changes"][0]["value"]["statuses"]) for raw in receiver.raw]
    assert sum(sizes) == 60
    assert max(sizes) <= 30
    assert len(sizes) < 60


async def test_a_lost_message_is_accepted_and_never_told(receiver: Receiver) -> None:
    async with telling(receiver, Profile(webhook_loss=1, delivered=1)) as api:
        await api.send()
        summary = await api.settled()

    assert (summary["accepted"], summary["statuses_queued"], receiver.raw) == (1, 0, [])


async def test_a_failure_is_told_with_its_code(receiver: Receiver) -> None:
    async with telling(receiver, Profile(status_errors={131049: 1})) as api:
        await api.send()
        await api.settled()

    (status,) = receiver.statuses()
    assert (status["status"], status["errors"][0]["code"]) == ("failed", 131049)


async def test_a_missigned_copy_comes_before_the_true_one(receiver: Receiver) -> None:
    async with telling(receiver, Profile(webhook_missigned=1)) as api:
        await api.send()
        await api.settled()

    false, true = receiver.signatures
    assert receiver.raw[0] == receiver.raw[1]
    assert false != true
