"""A look at the account before anything is sent: each thing that may be wrong has its remedy."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from campaign.adapters.whatsapp.account import CloudAccount
from campaign.adapters.whatsapp.grants import FixedToken
from campaign.adapters.whatsapp.login import Login
from campaign.adapters.whatsapp.on_premises_account import OnPremisesAccount, judge_health
from campaign.adapters.whatsapp.session import open_session
from campaign.domain.errors import CampaignError, ConfigurationError, Unreachable
from campaign.domain.number_state import NumberState
from campaign.settings.secret import Secret
from tests.contract.raw_server import Answer, Server, free_port, http, reset, serving, serving_by

TOKEN = "EAAG-canary-token"
LOGIN = http(200, b'{"users":[{"token":"token-1","expires_after":"2100-01-01 00:00:00+00:00"}]}')


def said(http_status: int, **content: Any) -> Answer:
    return http(http_status, json.dumps(content).encode())


# Cloud.


async def numbers(answer: Answer) -> dict[str, NumberState]:
    async with serving(answer) as server:
        return await numbers_at(server.port)


async def numbers_at(port: int) -> dict[str, NumberState]:
    async with open_session() as session:
        return await account_at(session, port).numbers({"paris": "106540352242922"})


def account_at(session: aiohttp.ClientSession, port: int) -> CloudAccount:
    base_url = f"http://127.0.0.1:{port}"
    return CloudAccount(session, base_url=base_url, version="v23.0", token=Secret(TOKEN), business_account="102")


async def test_a_number_tells_how_it_is() -> None:
    answer = said(200, id="1", status="CONNECTED", quality_rating="GREEN", throughput={"level": "HIGH"})

    assert await numbers(answer) == {"paris": NumberState("CONNECTED", "GREEN", "HIGH")}


async def test_a_number_that_tells_nothing_is_there_all_the_same() -> None:
    assert await numbers(said(200, id="1", throughput=[])) == {"paris": NumberState("", "", "")}


async def test_whatsapps_own_words_act_on_no_terminal_and_name_nobody() -> None:
    evil = "call +33 6 12 34 56 78\x1b[2J\u202e\nabout wamid.HBgLMzM2MTIzNDU2NzgVAgARGBI="
    entity = {
        "entity_type": "WABA\x1b[2J",
        "can_send_message": "BLOCKED",
        "errors": [{"error_code": 1, "error_description": evil, "possible_solution": evil}],
    }

    found = await numbers(said(200, id="1", status="x" * 9_000 + evil, health_status={"entities": [entity]}))

    (seen,) = found["paris"].entities
    assert (seen.kind, len(found["paris"].status)) == ("WABA\N{REPLACEMENT CHARACTER}[2J", 64)
    assert seen.ailments[0].words == "call +33…6 78 [2J about (a message)"
    assert seen.ailments[0].solution == seen.ailments[0].words


@pytest.mark.parametrize(
    ("answer", "kind", "where"),
    [
        (said(401, error={"code": 190}), ConfigurationError, "account.access_token"),
        (said(401, error={"code": 0}), ConfigurationError, "account.access_token"),
        (said(403, error={"code": 10}), ConfigurationError, "account.access_token"),
        (said(500, error={"code": 3}), ConfigurationError, "account.access_token"),
        (said(400, error={"code": 100}), ConfigurationError, "shards"),
        (said(404), Unreachable, "account.base_url"),
        (said(503), Unreachable, "account.base_url"),
        (reset, Unreachable, "account.base_url"),
        (http(200, b"<html>Log in to the guest network</html>"), Unreachable, "account.base_url"),
        (http(204, b""), Unreachable, "account.base_url"),
    ],
)
async def test_what_is_wrong_with_a_cloud_account_is_said_with_its_remedy(
    answer: Answer, kind: type[CampaignError], where: str
) -> None:
    with pytest.raises(kind) as caught:
        await numbers(answer)

    assert caught.value.where == where
    assert caught.value.remedy
    assert TOKEN not in str(caught.value)


async def test_a_cloud_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        await numbers_at(free_port())


# On-Premises.


@asynccontextmanager
async def client(
    answers: dict[bytes, Answer], *, login: Answer = LOGIN, key: bool = False
) -> AsyncIterator[tuple[OnPremisesAccount, Server]]:
    def rule(request: bytes) -> Answer:
        method, path, _ = request.split(b" ", 2)
        return login if path == b"/v1/users/login" else answers.get(method + b" " + path, http(404, b""))

    async with serving_by(rule) as server, open_session() as session:
        base_url = f"http://127.0.0.1:{server.port}"
        secret = Secret("Canary-pa55!")
        entering = FixedToken(secret) if key else Login(session, base_url=base_url, username="admin", password=secret)
        yield OnPremisesAccount(session, base_url=base_url, credentials=entering, key=key), server


async def refusal(look: Callable[[OnPremisesAccount], Awaitable[object]], **given: Any) -> CampaignError:
    async with client(given.pop("answers", {}), **given) as (account, _):
        with pytest.raises(CampaignError) as caught:
            await look(account)
    assert caught.value.remedy
    assert "Canary-pa55!" not in str(caught.value)
    return caught.value


def health(**containers: Any) -> dict[bytes, Answer]:
    return {b"GET /v1/health": said(200, health=containers, meta={"api_status": "stable"})}


@pytest.mark.parametrize(
    ("containers", "shards"),
    [
        ({"gateway_status": "connected"}, 1),
        ({"gateway_status": "connecting"}, 1),
        ({"a": {"gateway_status": "connected", "role": "coreapp"}, "b": {"gateway_status": "disconnected"}}, 1),
        ({f"core{each}": {"gateway_status": "connected"} for each in range(5)}, 4),
    ],
)
async def test_a_client_that_is_connected_over_its_shards_is_well(containers: dict[str, Any], shards: int) -> None:
    async with client(health(**containers)) as (account, _):
        await account.check(shards=shards)


@pytest.mark.parametrize(
    ("containers", "shards", "words"),
    [
        ({"gateway_status": "disconnected"}, 1, "0 of 1 shards (1 disconnected)"),
        ({"gateway_status": "uninitialized"}, 1, "0 of 1 shards (1 uninitialized)"),
        ({"gateway_status": "unregistered"}, 1, "not registered"),
        ({"a": {"gateway_status": "connected"}, "b": {"gateway_status": "unregistered"}}, 1, "not registered"),
        ({"a": {"gateway_status": "connected"}, "b": {"gateway_status": "disconnected"}}, 2, "1 of 2 shards"),
        ({"a": {"errors": [{"code": 1014}]}}, 1, "0 of 1 shards (1 without a status)"),
    ],
)
async def test_a_client_that_is_not_connected_says_so(containers: dict[str, Any], shards: int, words: str) -> None:
    error = await refusal(lambda account: account.check(shards=shards), answers=health(**containers))

    assert words in str(error)


@pytest.mark.parametrize(
    ("login", "kind", "where", "words"),
    [
        (http(401, b""), ConfigurationError, "account.password", "user name and password"),
        (said(403, errors=[{"code": 1024}]), ConfigurationError, "account.password", "new_password"),
        (http(503, b""), Unreachable, "account.base_url", "HTTP 503"),
        (reset, Unreachable, "account.base_url", "cannot be reached"),
    ],
)
async def test_a_login_that_fails_is_said_with_its_remedy(
    login: Answer, kind: type[CampaignError], where: str, words: str
) -> None:
    error = await refusal(lambda account: account.check(), login=login)

    assert type(error) is kind
    assert error.where == where
    assert words in str(error)


@pytest.mark.parametrize(
    ("answer", "kind", "where"),
    [
        (said(403, errors=[{"code": 1005}]), ConfigurationError, "account.username"),
        (http(404, b""), ConfigurationError, "account.base_url"),
        (http(500, b""), Unreachable, "account.base_url"),
        (said(200), Unreachable, "account.base_url"),
        (reset, Unreachable, "account.base_url"),
    ],
)
async def test_a_client_that_does_not_tell_its_health_is_refused(
    answer: Answer, kind: type[CampaignError], where: str
) -> None:
    error = await refusal(lambda account: account.check(), answers={b"GET /v1/health": answer})

    assert (type(error), error.where) == (kind, where)


async def test_a_provider_without_a_health_page_is_taken_at_its_word_but_its_key_is_not() -> None:
    async with client({}, key=True) as (account, _):
        await account.check(shards=32)
    error = await refusal(lambda account: account.check(), key=True, answers={b"GET /v1/health": http(401, b"")})

    assert error.where == "account.access_token"


async def test_the_number_of_shards_is_read() -> None:
    async with client({b"GET /v1/account/shards": said(200, account={"shards": 32})}) as (account, _):
        assert await account.shards() == 32
    async with client({}) as (account, _):
        assert await account.shards() is None


SETTINGS = b"GET /v1/settings/application"
PATCH = b"PATCH /v1/settings/application"


@pytest.mark.parametrize(
    ("application", "sends", "patch"),
    [
        ({"sent_status": True}, True, {"sent_status": True}),
        ({"sent_status": False}, False, {"sent_status": True}),
        ({"webhooks": {"url": "https://x"}}, False, {"sent_status": True}),
        ({"webhooks": {"message": {"sent": True}}}, True, {"webhooks": {"message": {"sent": True}}}),
        ({"webhooks": {"message": {"sent": False}}}, False, {"webhooks": {"message": {"sent": True}}}),
    ],
)
async def test_whether_sent_is_told_is_read_and_can_be_set(
    application: dict[str, Any],
    sends: bool,  # noqa: FBT001 - a column of the table
    patch: dict[str, Any],
) -> None:
    answers = {SETTINGS: said(200, settings={"application": application}), PATCH: said(200)}
    async with client(answers) as (account, server):
        assert await account.sent_status() is sends
        await account.set_sent_status()

    assert json.loads(server.received[-1].partition(b"\r\n\r\n")[2]) == patch


async def test_settings_that_only_an_admin_may_see_are_refused_with_advice() -> None:
    denied = said(403, errors=[{"code": 1005}])
    error = await refusal(lambda account: account.sent_status(), answers={SETTINGS: denied})

    assert "role admin" in str(error)


def test_no_container_at_all_is_no_reason_to_refuse() -> None:
    judge_health({}, shards=32)
