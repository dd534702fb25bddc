"""The Marketing Messages API: templates of one category, and a price of its own."""

from typing import Any

from campaign.simulator.profile import Profile
from campaign.simulator.templates import Template, TemplateCategory
from tests.contract.simulator.client import NUMBER, Receiver, body, simulating, telling

MARKETING = f"/v23.0/{NUMBER}/marketing_messages"
RECEIPT = Template(name="receipt", language="fr", body="Merci {{1}} {{2}}", category=TemplateCategory.UTILITY)


def code(answer: dict[str, Any]) -> int | None:
    found: int | None = answer.get("error", {}).get("code")
    return found


async def test_a_marketing_template_is_accepted_and_priced_apart(receiver: Receiver) -> None:
    async with telling(receiver) as api:
        answer = await api.post(MARKETING, {**body(), "product_policy": "STRICT", "message_activity_sharing": False})
        await api.send(body("+33600000002"))
        summary = await api.settled()

    assert "messages" in answer
    assert summary["by_endpoint"] == {"marketing_messages": 1, "messages": 1}
    categories = {status["recipient_id"]: status["pricing"]["category"] for status in receiver.statuses()}
    assert categories == {"33600000001": "marketing_lite", "33600000002": "marketing"}


async def test_other_messages_are_refused_there() -> None:
    text = {"messaging_product": "whatsapp", "to": "+33600000001", "type": "text", "text": {"body": "Hi"}}
    async with simulating(Profile(templates=(RECEIPT,))) as api:
        answers = [await api.post(MARKETING, each) for each in (text, body(name="receipt"))]
        wrong = await api.post(MARKETING, {**body(), "product_policy": "MAYBE"})

        assert [code(answer) for answer in (*answers, wrong)] == [131055, 131055, 131009]


async def test_without_onboarding_a_strict_message_is_refused_and_another_falls_back(receiver: Receiver) -> None:
    async with telling(receiver, Profile(marketing_onboarded=False)) as api:
        strict = await api.post(MARKETING, {**body(), "product_policy": "STRICT"})
        await api.post(MARKETING, body())
        await api.settled()

    assert code(strict) == 134102
    assert [status["pricing"]["category"] for status in receiver.statuses()] == ["marketing"]


async def test_marketing_can_be_switched_off_on_the_ordinary_endpoint() -> None:
    async with simulating(Profile(marketing_on_messages=False, templates=(RECEIPT,))) as api:
        assert code((await api.send())[1]) == 131063
        assert (await api.send(body(name="receipt")))[0] == 200
