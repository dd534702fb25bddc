"""Held for quality assessment: released, dropped, by itself or by hand."""

import asyncio

from campaign.simulator.profile import Profile, Release
from tests.contract.simulator.client import (
    PATIENCE_S,
    Receiver,
    body,
    simulating,
    telling,
)


async def test_held_messages_are_released_and_then_told(receiver: Receiver) -> None:
    profile = Profile(held=1, held_release_after_s=0.1, held_green=True, delivered=1)
    async with telling(receiver, profile) as api:
        _, answer = await api.send()
        async with asyncio.timeout(PATIENCE_S):
            await receiver.arrived.wait()
        summary = await api.settled()
        _, after = await api.send(body("+33600000002"))

    assert answer["messages"][0]["message_status"] == "held_for_quality_assessment"
    assert [status["status"] for status in receiver.statuses()][:2] == ["sent", "delivered"]
    (quality,) = [c["value"] for c in receiver.changes() if c["field"] == "message_template_quality_update"]
    assert quality["new_quality_score"] == "GREEN"
    assert (summary["held"], summary["held_open"], summary["released"], summary["dropped"]) == (1, 0, 1, 0)
    assert after["messages"][0]["message_status"] == "accepted"


async def test_dropped_messages_fail_with_132015_and_pause_their_template(receiver: Receiver) -> None:
    profile = Profile(held=1, held_release=Release.MANUAL, template_checks=True)
    async with telling(receiver, profile) as api:
        await api.send()
        order = await api.post("/_simulator/held", {"action": "drop", "count": None})
        summary = await api.settled()
        _, refused = await api.send(body("+33600000002"))
        (sale,) = (await api.get("/v23.0/102/message_templates?name=spring_sale"))["data"]
        unpaused = await api.post(f"/v23.0/{sale['id']}/unpause")
        again, _ = await api.send(body("+33600000002"))

    assert order == {"settled": 1}
    assert [s["errors"][0]["code"] for s in receiver.statuses()] == [132015]
    paused, *_ = [c["value"] for c in receiver.changes() if c["field"] == "message_template_status_update"]
    assert (paused["event"], paused["message_template_name"]) == ("PAUSED", "spring_sale")
    assert summary["dropped"] == 1
    assert (refused["error"]["code"], sale["status"]) == (132015, "PAUSED")
    assert (unpaused, again) == ({"success": True}, 200)


async def test_by_hand_as_many_are_settled_as_the_order_says() -> None:
    async with simulating(Profile(held=1, held_release=Release.MANUAL)) as api:
        for n in range(3):
            await api.send(body(f"+3360000000{n}"))
        order = await api.post("/_simulator/held", {"action": "release", "count": 2})

        summary = await api.summary()
        assert (order, summary["held_open"], summary["released"]) == ({"settled": 2}, 1, 2)


async def test_an_order_nobody_understands_settles_nothing() -> None:
    async with simulating(Profile(held=1, held_release=Release.MANUAL)) as api:
        await api.send()
        async with api.session.post("/_simulator/held", json={"action": "forget"}) as answer:
            assert answer.status == 400

        assert (await api.summary())["held_open"] == 1
