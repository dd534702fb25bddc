"""Answers ordered for one person or for one number; everybody else is left alone."""

import aiohttp
import pytest

from campaign.simulator.cloud_errors import CLOUD_ERRORS
from campaign.simulator.on_premises_errors import CLIENT_ERRORS
from campaign.simulator.profile import Profile
from tests.contract.simulator.client import NUMBER, Api, body, simulating

ADA, BEA = "33600000001", "33600000002"


async def code(api: Api, person: str) -> int | None:
    found: int | None = (await api.send(body(f"+{person}")))[1].get("error", {}).get("code")
    return found


async def test_one_persons_requests_are_answered_in_order_and_then_accepted() -> None:
    async with simulating(Profile(answers={ADA: (131056, 130429)})) as api:
        first, other = await code(api, ADA), await code(api, BEA)
        later = [await code(api, ADA) for _ in range(3)]

        assert ([first, *later], other) == ([131056, 130429, None, None], None)
        assert (await api.summary())["errors"] == {"130429": 1, "131056": 1}


async def test_a_fault_can_be_ordered_by_name() -> None:
    async with simulating(Profile.model_validate({"answers": {ADA: ["accept_then_reset", "accept", 131026]}})) as api:
        with pytest.raises(aiohttp.ClientError):
            await code(api, ADA)

        assert [await code(api, ADA) for _ in range(2)] == [None, 131026]
        assert [entry["answered"] for entry in await api.ledger()] == ["reset", "ok"]


async def test_a_new_order_begins_anew_and_an_old_one_goes_on() -> None:
    async with simulating(Profile(answers={ADA: (1, 2), BEA: (1, 2)})) as api:
        assert [await code(api, each) for each in (ADA, BEA)] == [1, 1]
        await api.post("/_simulator/faults", {"answers": {ADA: [4], BEA: [1, 2]}})

        assert [await code(api, each) for each in (ADA, BEA)] == [4, 2]


async def test_errors_of_one_number_spare_the_others() -> None:
    async with simulating(Profile(errors_of={NUMBER: {130429: 1}})) as api:
        other = await api.post("/v23.0/107/messages", body())

        assert await code(api, ADA) == 130429
        assert "messages" in other


async def test_every_code_can_be_ordered_and_comes_with_its_status() -> None:
    people = {f"336{n:08d}": each for n, each in enumerate((*CLOUD_ERRORS, 250))}
    async with simulating(Profile.model_validate({"answers": {p: [each] for p, each in people.items()}})) as api:
        answers = {each: await api.send(body(f"+{person}")) for person, each in people.items()}

    assert {each: answer["error"]["code"] for each, (_, answer) in answers.items()} == {n: n for n in answers}
    assert {each: status for each, (status, _) in answers.items()} == {
        **{each: error.http for each, error in CLOUD_ERRORS.items()},
        250: 403,
    }


async def test_every_code_of_the_on_premises_client_can_be_ordered_too() -> None:
    people = {f"336{n:08d}": each for n, each in enumerate(CLIENT_ERRORS)}
    profile = Profile.model_validate({"answers": {person: [each] for person, each in people.items()}})
    async with simulating(profile, dialect="on_premises") as api:
        for person, each in people.items():
            text = {"to": f"+{person}", "type": "text", "text": {"body": "Hi"}}
            status, answer = await api.ask("POST", "/v1/messages", order=text)
            (error,) = answer["errors"]
            assert (status, error["code"], error["title"]) == (
                CLIENT_ERRORS[each].http,
                each,
                CLIENT_ERRORS[each].title,
            )
