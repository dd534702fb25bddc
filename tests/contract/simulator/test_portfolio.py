"""The simulator's portfolio limit: over all numbers, outside customer service windows, with a code to choose."""

from campaign.simulator.profile import Profile
from tests.contract.simulator.client import NUMBER, body, simulating

ADA, BOB, EVE = "+33600000001", "+33600000002", "+33600000003"


async def test_one_person_too_many_is_refused_over_all_numbers_and_the_worst_window_is_told() -> None:
    async with simulating(Profile(portfolio_limit=2, portfolio_window_s=3600)) as api:
        assert (await api.send(body(ADA)))[0] == 200
        await api.post("/v23.0/107/messages", body(BOB))
        assert (await api.send(body(ADA)))[0] == 200

        refused = await api.send(body(EVE))
        await api.post("/_simulator/inbound", {"number": NUMBER, "from": EVE[1:], "text": "Hi"})
        answered = await api.send(body(EVE))
        summary = await api.settled()

    assert refused[1]["error"]["code"] == 131048
    assert answered[0] == 200
    assert (summary["accepted"], summary["worst_portfolio_window"]) == (4, 2)


async def test_the_code_of_one_too_many_can_be_chosen_and_the_window_is_counted_without_a_limit_too() -> None:
    async with simulating(Profile(portfolio_limit=0, portfolio_limit_code=130429)) as api:
        assert (await api.send(body(ADA)))[1]["error"]["code"] == 130429
        await api.post("/_simulator/faults", {"portfolio_limit": None})
        for person in (ADA, BOB, EVE):
            await api.send(body(person))
        assert (await api.settled())["worst_portfolio_window"] == 3
