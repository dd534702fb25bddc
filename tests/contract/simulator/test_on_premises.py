"""The On-Premises client: login, its answers, its ceilings."""

import base64
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from campaign.simulator.on_premises import HELD, META
from campaign.simulator.profile import Profile
from campaign.simulator.throughput import Ceilings
from tests.contract.simulator.client import Api, Receiver, simulating

MESSAGES = "/v1/messages"
NOBODY: dict[str, str] = {}


def text(person: int = 1, **more: Any) -> dict[str, Any]:
    return {"to": f"+336{person:08d}", "type": "text", "text": {"body": "Hello"}, **more}


def template() -> dict[str, Any]:
    language = {"policy": "deterministic", "code": "fr"}
    return {"to": "+33600000001", "type": "template", "template": {"name": "spring_sale", "language": language}}


@asynccontextmanager
async def client(profile: Profile | None = None, **options: Any) -> AsyncIterator[Api]:
    user = {"username": SecretStr("admin"), "password": SecretStr("word")}
    async with simulating(profile, dialect="on_premises", **user, **options) as api:
        yield api


async def log_in(api: Api, password: str = "word") -> tuple[int, Any]:
    basic = base64.b64encode(f"admin:{password}".encode()).decode()
    return await api.ask("POST", "/v1/users/login", headers={"Authorization": f"Basic {basic}"})


async def bearer(api: Api) -> dict[str, str]:
    return {"Authorization": f"Bearer {(await log_in(api))[1]['users'][0]['token']}"}


async def send(api: Api, headers: dict[str, str], message: dict[str, Any] | None = None) -> tuple[int, Any]:
    return await api.ask("POST", MESSAGES, order=message or text(), headers=headers)


async def test_a_login_gives_a_token_that_opens_the_door_until_it_expires() -> None:
    async with client() as api:
        status, answer = await log_in(api)
        (user,) = answer["users"]
        ours = {"Authorization": f"Bearer {user['token']}"}

        assert (status, answer["meta"]) == (200, META)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00", user["expires_after"])
        assert [(await send(api, each))[0] for each in (NOBODY, {"Authorization": "Bearer x"}, ours)] == [401, 401, 200]
        assert (await api.summary())["logins"] == 1


async def test_a_wrong_password_is_refused_with_401() -> None:
    async with client() as api:
        status, answer = await log_in(api, "guess")

        assert (status, answer["errors"][0]["code"], (await api.summary())["logins"]) == (401, 1005, 0)


async def test_all_tokens_can_be_revoked_and_the_password_changed() -> None:
    async with client() as api:
        ours = await bearer(api)
        await api.post("/_simulator/token", {"revoke": True})
        revoked, again = await send(api, ours), await send(api, await bearer(api))
        await api.post("/_simulator/token", {"password": "other"})

        assert (revoked[0], again[0]) == (401, 200)
        assert [(await log_in(api, each))[0] for each in ("word", "other")] == [401, 200]


async def test_the_key_of_a_provider_needs_no_login() -> None:
    async with simulating(dialect="on_premises", access_token=SecretStr("key")) as api:
        assert [(await send(api, {"Authorization": f"Bearer {key}"}))[0] for key in ("key", "kee")] == [200, 401]


async def test_an_accepted_message_has_an_id_and_nothing_else_unless_it_is_held() -> None:
    async with simulating(Profile(held=1), dialect="on_premises") as api:
        plain, held = await send(api, NOBODY), await send(api, NOBODY, template())

        assert plain[1] == {"messages": [{"id": (await api.ledger())[0]["wamid"]}], "meta": META}
        assert held[1]["messages"][0]["message_status"] == HELD


async def test_a_refusal_comes_in_a_list_of_errors() -> None:
    async with simulating(dialect="on_premises") as api:
        status, answer = await send(api, NOBODY, text(recipient_type="crowd"))

        assert (status, answer["meta"]) == (400, META)
        assert [(error["code"], error["title"]) for error in answer["errors"]] == [(1002, "Invalid recipient type")]


async def test_the_whole_client_has_one_ceiling() -> None:
    async with simulating(dialect="on_premises", throughput=Ceilings(2.0)) as api:
        answers = [await send(api, NOBODY, text(n)) for n in range(4)]

        assert [status for status, _ in answers] == [200] * 3 + [429]
        assert answers[-1][1]["errors"][0]["code"] == 429
        assert (await api.summary())["worst_second"] == {"on-premises": 3}


async def test_a_shard_may_have_a_ceiling_of_its_own() -> None:
    async with simulating(Profile(shards=32, shard_throughput=2), dialect="on_premises") as api:
        one = [(await send(api, NOBODY))[0] for _ in range(4)]
        others = [(await send(api, NOBODY, text(n)))[0] for n in range(2, 12)]

        summary = await api.summary()
        assert one == [200, 200, 200, 429]
        assert others.count(200) >= 8
        assert max(summary["worst_second_shards"].values()) == 3


async def test_requests_may_have_a_limit_with_a_burst() -> None:
    async with simulating(Profile(requests_per_second=1, requests_burst=3), dialect="on_premises") as api:
        answers = [await send(api, NOBODY, text(n)) for n in range(5)]

        assert [status for status, _ in answers] == [200, 200, 200, 429, 429]
        assert answers[-1][1]["errors"][0]["code"] == 1015


async def test_contacts_are_called_valid_when_somebody_waits_for_it() -> None:
    async with simulating(dialect="on_premises") as api:
        order = {"blocking": "wait", "contacts": ["+33 6 00 00 00 01", "nobody"]}
        waited = (await api.ask("POST", "/v1/contacts", order=order))[1]
        unwaited = (await api.ask("POST", "/v1/contacts", order={"contacts": ["+33600000001"]}))[1]

        assert waited["contacts"] == [
            {"input": "+33 6 00 00 00 01", "status": "valid", "wa_id": "33600000001"},
            {"input": "nobody", "status": "invalid"},
        ]
        assert unwaited["contacts"][0]["status"] == "processing"
        assert (await api.summary())["contacts_checked"] == 3


async def test_media_go_up_raw() -> None:
    async with simulating(Profile(media_checks=True), dialect="on_premises") as api:
        kind = {"Content-Type": "image/png"}
        status, answer = await api.ask("POST", "/v1/media", data=io.BytesIO(b"x" * 2_000_000), headers=kind)
        (medium,) = answer["media"]
        image = {"to": "+33600000001", "type": "image", "image": {"id": medium["id"]}}

        assert status == 200
        assert (await send(api, NOBODY, image))[0] == 200
        assert (await send(api, NOBODY, {**image, "image": {"id": "1"}}))[0] == 404
        assert (await api.ask("DELETE", f"/v1/media/{medium['id']}"))[0] == 200
        assert (await send(api, NOBODY, image))[0] == 404


async def test_health_and_shards_are_told() -> None:
    async with simulating(Profile(shards=32), dialect="on_premises") as api:
        health = (await api.ask("GET", "/v1/health"))[1]["health"]
        order = {"cc": "33", "phone_number": "1", "shards": 4, "cert": "x"}

        assert health["gateway_status"] == "connected"
        assert (await api.ask("GET", "/v1/account/shards"))[1]["account"] == {"shards": 32}
        assert [(await api.ask("POST", "/v1/account/shards", order={**order, "shards": n}))[0] for n in (4, 5)] == [
            201,
            400,
        ]
        assert (await api.ask("GET", "/v1/account/shards"))[1]["account"] == {"shards": 4}


@pytest.mark.parametrize(("sent_status", "told"), [(False, ["delivered"]), (True, ["sent", "delivered"])])
async def test_sent_is_told_only_once_the_setting_is_on(receiver: Receiver, sent_status: bool, told: list[str]) -> None:  # noqa: FBT001 - pytest passes it by name
    async with simulating(Profile(delivered=1), dialect="on_premises", webhook=receiver.url) as api:
        await api.ask("PATCH", "/v1/settings/application", order={"sent_status": sent_status, "unknown": 1})
        settings = (await api.ask("GET", "/v1/settings/application"))[1]["settings"]["application"]
        await send(api, NOBODY)
        await api.settled()

    assert settings["sent_status"] is sent_status
    assert [status["status"] for raw in receiver.raw for status in receiver.bare(raw, "statuses")] == told


async def test_every_path_but_the_login_needs_a_token() -> None:
    asked = [
        ("POST", MESSAGES),
        ("POST", "/v1/contacts"),
        ("POST", "/v1/media"),
        ("GET", "/v1/media/1"),
        ("GET", "/v1/health"),
        ("GET", "/v1/account/shards"),
        ("GET", "/v1/settings/application"),
        ("PATCH", "/v1/settings/application"),
    ]
    async with client() as api:
        assert {(await api.ask(method, path, order={}))[0] for method, path in asked} == {401}
