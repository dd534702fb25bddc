"""Each fault, as a client sees it."""

import asyncio

import aiohttp
import pytest

from campaign.simulator.profile import Profile
from tests.contract.simulator.client import (
    MESSAGES,
    PATIENCE_S,
    Api,
    body,
    simulating,
)


@pytest.mark.parametrize(
    ("fault", "accepted", "answered"),
    [
        ("drop", 0, None),
        ("accept_then_reset", 1, "reset"),
        ("accept_then_truncate", 1, "truncated"),
    ],
)
async def test_a_broken_connection_is_no_answer(fault: str, accepted: int, answered: str | None) -> None:
    async with simulating(Profile.model_validate({fault: 1})) as api:
        with pytest.raises(aiohttp.ClientError) as raised:
            await api.send()

        summary = await api.summary()
        assert (summary["accepted"], summary["faults"]) == (accepted, {fault: 1})
        assert [entry["answered"] for entry in await api.ledger()] == [answered] * accepted
        expected = {
            "drop": aiohttp.ServerDisconnectedError,
            "accept_then_reset": aiohttp.ClientOSError,
            "accept_then_truncate": aiohttp.ClientPayloadError,
        }
        assert isinstance(raised.value, expected[fault])


@pytest.mark.parametrize(("fault", "accepted"), [("hang", 0), ("accept_then_hang", 1)])
async def test_a_hanging_request_is_never_answered(fault: str, accepted: int) -> None:
    async with simulating(Profile.model_validate({fault: 1, "hang_s": 60})) as api:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await api.send()

        assert (await api.summary())["accepted"] == accepted


async def test_a_hang_ends_without_an_answer() -> None:
    async with simulating(Profile(accept_then_hang=1, hang_s=0.05)) as api:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await api.send()


@pytest.mark.parametrize(("fault", "accepted"), [("respond_502", 0), ("accept_then_502", 1)])
async def test_a_bad_gateway_answers_in_html(fault: str, accepted: int) -> None:
    async with simulating(Profile.model_validate({fault: 1})) as api:
        async with api.session.post(MESSAGES, json=body()) as answer:
            assert (answer.status, answer.content_type) == (502, "text/html")

        assert (await api.summary())["accepted"] == accepted


async def test_an_answer_may_lack_its_message_id() -> None:
    async with simulating(Profile(accept_then_no_id=1)) as api:
        status, answer = await api.send()

        assert (status, "messages" in answer, len(await api.ledger())) == (200, False, 1)


async def test_a_redirect_points_back_and_accepts_nothing() -> None:
    async with simulating(Profile(redirect_307=1)) as api:
        async with api.session.post(MESSAGES, json=body(), allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (307, MESSAGES)

        assert (await api.summary())["accepted"] == 0


@pytest.mark.parametrize(("code", "status"), [(130429, 429), (131056, 400), (131026, 400), (190, 401), (132015, 400)])
async def test_any_error_can_be_asked_for(code: int, status: int) -> None:
    async with simulating(Profile(errors={code: 1}, http_status={130429: 429})) as api:
        answered, answer = await api.send()

        assert (answered, answer["error"]["code"]) == (status, code)
        assert (await api.summary())["errors"] == {str(code): 1}


async def test_faults_change_while_it_runs() -> None:
    async with simulating() as api:
        profile = await api.post("/_simulator/faults", {"respond_502": 1})
        async with api.session.post(MESSAGES, json=body()) as answer:
            assert answer.status == 502
        await api.post("/_simulator/faults", {"respond_502": 0})

        assert profile["respond_502"] == 1
        assert (await api.send())[0] == 200


async def test_a_change_that_makes_no_sense_changes_nothing() -> None:
    async with simulating() as api:
        async with api.session.post("/_simulator/faults", json={"drop": 2}) as answer:
            assert answer.status == 400
            assert "drop" in (await answer.json())["error"]

        assert (await api.send())[0] == 200


async def test_an_outage_refuses_connections_and_ends_on_the_same_port() -> None:
    async with simulating() as api:
        await api.post("/_simulator/faults", {"refuse": True, "refuse_for_s": 0.5})
        async with asyncio.timeout(PATIENCE_S):
            refused = await _until_refused(api)

        await api.until(bool)
        assert isinstance(refused, aiohttp.ClientConnectorError)
        assert (await api.send())[0] == 200


async def test_reset_forgets_messages_and_keeps_the_profile() -> None:
    async with simulating(Profile(accept_then_no_id=1)) as api:
        await api.send()
        await api.post("/_simulator/reset")

        summary = await api.summary()
        assert (summary["accepted"], summary["requests"], await api.ledger()) == (0, 0, [])
        assert "messages" not in (await api.send())[1]


async def _until_refused(api: Api) -> Exception:
    """Ask until the connection is refused; on the way there a kept one is reset."""
    while True:
        try:
            await api.summary()
        except aiohttp.ClientConnectorError as error:
            return error
        except aiohttp.ClientError:
            continue
