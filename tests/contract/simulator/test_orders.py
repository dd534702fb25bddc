"""What an experiment has posted: any field, any status, any body, now or by a schedule."""

import json
from typing import Any

import pytest

from campaign.simulator.posting import sign
from campaign.simulator.profile import Profile, Release
from tests.contract.simulator.client import NUMBER, SECRET, Api, Receiver, body, simulating, telling

ADA = "33600000001"


async def order(api: Api, **written: Any) -> None:
    status, answer = await api.ask("POST", "/_simulator/webhooks", order=written)
    assert (status, answer) == (200, {"ordered": True})


async def test_news_are_signed_and_say_when_they_were(receiver: Receiver) -> None:
    async with telling(receiver) as api:
        await order(api, account_event="ACCOUNT_VIOLATION", time=5, account="103")
        summary = await api.settled()

    (raw,), (signature,) = receiver.raw, receiver.signatures
    (entry,) = json.loads(raw)["entry"]
    assert signature == sign(raw, SECRET)
    assert (entry["id"], entry["time"]) == ("103", 5)
    assert summary["webhooks_posted"] == {"account_update": 1}


async def test_news_are_about_the_number_used_last(receiver: Receiver) -> None:
    async with telling(receiver) as api:
        await api.ask("POST", "/v23.0/107/messages", order=body())
        await order(api, preference="stop", **{"from": ADA})
        await api.settled()

    (change,) = [change for change in receiver.changes() if change["field"] == "user_preferences"]
    assert change["value"]["metadata"]["phone_number_id"] == "107"


async def test_a_disabled_template_is_refused_from_then_on(receiver: Receiver) -> None:
    async with telling(receiver, Profile(template_checks=True)) as api:
        await order(api, template="spring_sale", event="DISABLED")
        _, answer = await api.send()

    assert answer["error"]["code"] == 132016


async def test_what_waits_for_its_time_is_pending(receiver: Receiver) -> None:
    async with telling(receiver) as api:
        await order(api, capability=2000, after_s=0.1)
        before = (await api.summary())["webhooks_pending"]
        await api.settled()

    assert before == 1
    assert [change["field"] for change in receiver.changes()] == ["business_capability_update"]


async def test_a_schedule_is_followed_without_being_asked(receiver: Receiver) -> None:
    schedule = [{"template": "spring_sale", "event": "PAUSED"}, {"preference": "resume", "from": ADA, "after_s": 0.1}]
    async with telling(receiver, Profile.model_validate({"schedule": schedule})) as api:
        await api.settled()

    fields = [change["field"] for change in receiver.changes()]
    assert fields == ["message_template_status_update", "user_preferences"]


async def test_a_repeated_order_is_posted_as_often(receiver: Receiver) -> None:
    async with telling(receiver) as api:
        await order(api, raw='{"object": NaN}', repeat=2, repeat_s=0)
        await api.settled()

    assert receiver.raw == [b'{"object": NaN}'] * 3
    assert receiver.signatures == [sign(b'{"object": NaN}', SECRET)] * 3


@pytest.mark.parametrize(("signed", "header"), [(False, ""), ("sha256=00", "sha256=00")])
async def test_a_forged_body_is_tried_once(receiver: Receiver, signed: object, header: str) -> None:
    receiver.refusals = 1
    async with telling(receiver) as api:
        await order(api, raw="{}", signed=signed)
        refused = await api.settled()
        await order(api, raw="{}", signed=signed)
        await api.settled()

    assert receiver.signatures == [header]
    assert refused["webhooks_given_up"] == 1


async def test_a_person_deletes_what_they_wrote(receiver: Receiver) -> None:
    async with telling(receiver) as api:
        written = await api.post("/_simulator/inbound", {"from": ADA, "number": NUMBER, "text": "Hi"})
        await order(api, deleted=written["id"])
        await api.settled()

    (deleted,) = receiver.statuses()
    assert (deleted["id"], deleted["status"], deleted["recipient_id"]) == (written["id"], "deleted", ADA)


async def test_on_premises_a_deletion_is_told_bare_and_news_are_not_told(receiver: Receiver) -> None:
    async with simulating(dialect="on_premises", webhook=receiver.url) as api:
        await order(api, deleted="gBE.1", **{"from": ADA})
        await order(api, raw="{", signed=False)
        status, answer = await api.ask("POST", "/_simulator/webhooks", order={"capability": 1})
        await api.settled()

    (told,) = Receiver.bare(next(raw for raw in receiver.raw if raw != b"{"), "statuses")
    assert (told["id"], told["status"]) == ("gBE.1", "deleted")
    assert status == 400
    assert "On-Premises" in answer["error"]


async def test_an_order_that_cannot_be_followed_says_why(receiver: Receiver) -> None:
    async with telling(receiver) as api, simulating() as alone:
        wrong = await api.ask("POST", "/_simulator/webhooks", order={"event": "PAUSED"})
        unheard = await alone.ask("POST", "/_simulator/webhooks", order={"capability": 1})

    assert (wrong[0], unheard[0]) == (400, 400)
    assert "an order has one of" in wrong[1]["error"]
    assert "--webhook" in unheard[1]["error"]


async def test_one_persons_statuses_are_told_as_ordered(receiver: Receiver) -> None:
    ordered = {ADA: [{"status": "warning"}, {"status": "failed", "code": 131050}]}
    async with telling(receiver, Profile.model_validate({"statuses": ordered, "delivered": 1})) as api:
        await api.send()
        await api.send(body("+33600000002"))
        await api.settled()

    of_ada = [status["status"] for status in receiver.statuses() if status["recipient_id"] == ADA]
    others = [status["status"] for status in receiver.statuses() if status["recipient_id"] != ADA]
    assert (of_ada, others) == (["warning", "failed"], ["sent", "delivered"])


async def test_drops_need_not_pause_their_template(receiver: Receiver) -> None:
    profile = Profile(
        held=1, held_release=Release.MANUAL, held_drop_pauses=False, held_drop_code=132016, template_checks=True
    )
    async with telling(receiver, profile) as api:
        await api.send()
        await api.post("/_simulator/held", {"action": "drop"})
        await api.settled()
        status, _ = await api.send(body("+33600000002"))

    assert status == 200
    assert [change["field"] for change in receiver.changes()] == ["messages"]
    assert [s["errors"][0]["code"] for s in receiver.statuses()] == [132016]


async def test_unpausing_a_template_is_told(receiver: Receiver) -> None:
    async with telling(receiver, Profile(template_checks=True)) as api:
        await order(api, template="spring_sale", event="PAUSED")
        (sale,) = (await api.get("/v23.0/102/message_templates?name=spring_sale"))["data"]
        await api.post(f"/v23.0/{sale['id']}/unpause")
        await api.settled()

    assert [change["value"]["event"] for change in receiver.changes()] == ["PAUSED", "APPROVED"]


async def test_every_body_may_come_once_more_long_after(receiver: Receiver) -> None:
    async with telling(receiver, Profile(webhook_resend_s=0.05)) as api:
        await api.send()
        summary = await api.settled()

    first, second = receiver.raw
    assert first == second
    assert (summary["statuses_posted"], summary["webhooks_repeated"]) == (1, 1)


async def test_bodies_may_carry_as_many_statuses_as_ordered(receiver: Receiver) -> None:
    schedule = [{"status": "sent", "to": ADA, "repeat": 17, "repeat_s": 0}]
    async with telling(receiver, Profile.model_validate({"schedule": schedule, "webhook_sizes": [1, 5]})) as api:
        await api.settled()

    sizes = [len(json.loads(raw)["entry"][0]["changes"][0]["value"]["statuses"]) for raw in receiver.raw]
    assert sorted(sizes) == [1, 1, 1, 5, 5, 5]


async def test_the_summary_says_how_the_receiver_answered(receiver: Receiver) -> None:
    receiver.refusals = 1
    async with telling(receiver) as api:
        await api.send()
        summary = await api.settled()

    assert summary["webhook_answers"] == {"200": 1, "500": 1}
    assert summary["webhook_ms"].keys() == {"median", "p99", "worst", "over_1s"}
