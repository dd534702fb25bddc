"""What people write: told by webhook, and opening the window for free-form messages."""

import json
from typing import Any

from campaign.simulator.profile import Profile
from campaign.simulator.throughput import Ceilings
from tests.contract.simulator.client import NUMBER, Receiver, body, simulating, telling

ADA = "33600000001"
TEXT = {"messaging_product": "whatsapp", "to": f"+{ADA}", "type": "text", "text": {"body": "Hello"}}


def written(**more: Any) -> dict[str, Any]:
    return {"number": NUMBER, "from": ADA, **({"text": "Hi"} if "button" not in more else {}), **more}


async def test_free_form_messages_need_an_open_window_and_templates_do_not() -> None:
    async with simulating(Profile(window_checks=True)) as api:
        closed = await api.send(TEXT)
        await api.post("/_simulator/inbound", written(age_s=24 * 3600 + 1))
        lapsed = await api.send(TEXT)
        await api.post("/_simulator/inbound", written(age_s=24 * 3600 - 60))
        elsewhere = await api.post("/v23.0/107/messages", TEXT)

        assert [answer["error"]["code"] for answer in (closed[1], lapsed[1], elsewhere)] == [131047] * 3
        assert (await api.send(TEXT))[0] == 200
        assert (await api.send(body("+33600000002")))[0] == 200


async def test_what_a_person_writes_is_told(receiver: Receiver) -> None:
    async with telling(receiver) as api:
        wamid = (await api.send())[1]["messages"][0]["id"]
        await api.settled()
        receiver.raw.clear()
        press = {"payload": "STOP", "text": "Stop"}
        inbound = (await api.post("/_simulator/inbound", written(button=press, name="Bea", context=wamid)))["id"]
        summary = await api.settled()

    (change,) = receiver.changes()
    (message,) = change["value"]["messages"]
    assert change["value"]["metadata"]["phone_number_id"] == NUMBER
    assert change["value"]["contacts"] == [{"profile": {"name": "Bea"}, "wa_id": ADA}]
    assert (message["id"], message["from"], message["type"], message["button"]) == (inbound, ADA, "button", press)
    assert message["context"]["id"] == wamid
    assert summary["inbound"] == 1


async def test_what_comes_in_takes_of_the_numbers_throughput() -> None:
    async with simulating(throughput=Ceilings(4.0)) as api:
        for _ in range(4):
            await api.post("/_simulator/inbound", written())
        codes = [(await api.send(body(f"+3360000000{n}")))[1].get("error", {}).get("code") for n in range(2)]

        assert codes == [None, 130429]


async def test_an_order_without_a_person_or_words_says_how_one_is_written() -> None:
    async with simulating() as api:
        for order in ({"text": "Hi"}, {"from": ADA}):
            status, answer = await api.ask("POST", "/_simulator/inbound", order=order)
            assert status == 400
            assert '"from"' in answer["error"]


async def test_on_premises_it_is_told_in_a_bare_unsigned_body(receiver: Receiver) -> None:
    async with simulating(Profile(delivered=1), dialect="on_premises", webhook=receiver.url) as api:
        await api.ask("POST", "/v1/messages", order={"to": f"+{ADA}", "type": "text", "text": {"body": "Hello"}})
        await api.post("/_simulator/inbound", {"from": ADA, "text": "Hi"})
        await api.settled()

    told = {name: value for raw in receiver.raw for name, value in json.loads(raw).items()}
    assert set(told) == {"statuses", "contacts", "messages"}
    assert all(("statuses" in json.loads(raw)) != ("messages" in json.loads(raw)) for raw in receiver.raw)
    assert [status["status"] for status in told["statuses"]] == ["delivered"]
    assert told["messages"][0]["text"] == {"body": "Hi"}
    assert set(receiver.signatures) == {""}
