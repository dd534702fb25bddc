"""Both dialects as the settings open them, against the simulator, which shares no code with the client."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from campaign.adapters.whatsapp.on_premises_account import OnPremisesAccount
from campaign.bootstrap.preflight import look_again
from campaign.bootstrap.whatsapp import open_account, open_whatsapp
from campaign.domain.errors import ConfigurationError
from campaign.domain.outcome import Accepted, Halt, NotNow, Rejected, Scope
from campaign.ports import Post
from campaign.ports.media import MediaFile, Uploaded
from campaign.settings import Settings, load_settings
from campaign.simulator.profile import Profile
from tests.contract.simulator.client import NUMBER, Api, simulating
from tests.contract.test_client import Departing

PASSWORD = "Canary-pa55!"
TOKEN = "EAAG-canary-token-0123456789"
TEXT = b'{"text":{"body":"hello"},"type":"text"}'
PNG = MediaFile(b"\x01" * 32, "image/png", "spring.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64)

CLOUD = """\
account: {{version: v23.0, business_account_id: "102290129340398", access_token: "${{TOKEN}}", base_url: "{url}"}}
shards: [{{id: paris, phone_number_id: "{number}"}}]
answers: {{131026: later}}
"""
ON_PREMISES = """\
account: {{dialect: on_premises, base_url: "{url}", username: admin, password: "${{PASSWORD}}"}}
shards: {{count: 2}}
"""


def settings_of(text: str, api: Api, folder: Path, *, password: str = PASSWORD) -> Settings:
    (folder / "config").mkdir()
    path = folder / "config" / "settings.yaml"
    path.write_text(text.format(url=api.session._base_url, number=NUMBER))
    return load_settings(path, {"TOKEN": TOKEN, "PASSWORD": password})


def post(settings: Settings, row: int = 0) -> Post:
    return Post(settings.shards[0].address, f"+336000000{row:02}", TEXT, f"c1.0123abcd.x.{row}.1")


async def check(settings: Settings, shard: str) -> None:
    await look_again(settings, [shard], {"message": {"type": "text"}}, name="spring@once")


CANARIES = {"username": SecretStr("admin"), "password": SecretStr(PASSWORD)}


async def test_the_cloud_takes_messages_and_files_of_the_client(tmp_path: Path) -> None:
    async with simulating(access_token=SecretStr(TOKEN)) as api:
        settings = settings_of(CLOUD, api, tmp_path)
        await check(settings, "paris")
        async with open_whatsapp(settings) as client:
            assert isinstance(await client.send(post(settings), Departing()), Accepted | Rejected)
            assert isinstance(await client.upload(NUMBER, PNG), Uploaded)


async def test_on_premises_takes_messages_and_files_of_the_client(tmp_path: Path) -> None:
    async with simulating(dialect="on_premises", **CANARIES) as api:
        settings = settings_of(ON_PREMISES, api, tmp_path)
        await check(settings, "shard-01")
        async with open_whatsapp(settings) as client:
            herd = await asyncio.gather(*(client.send(post(settings, row), Departing()) for row in range(20)))
            assert isinstance(await client.upload("on-premises", PNG), Uploaded)
        summary = await api.summary()

    assert all(isinstance(outcome, Accepted) for outcome in herd), herd
    assert summary["accepted"] == 20


async def test_tokens_revoked_in_mid_run_are_renewed_and_no_message_is_lost(tmp_path: Path) -> None:
    async with simulating(dialect="on_premises", **CANARIES) as api:
        settings = settings_of(ON_PREMISES, api, tmp_path)
        async with open_whatsapp(settings) as client:
            await client.send(post(settings), Departing())
            await api.post("/_simulator/token", {"revoke": True})
            herd = await asyncio.gather(*(client.send(post(settings, row), Departing()) for row in range(1, 20)))
            again = await asyncio.gather(*(client.send(post(settings, row), Departing()) for row in range(1, 20)))
        summary = await api.summary()

    assert set(herd) == {NotNow(401, Scope.NUMBER, 1.0)}
    assert all(isinstance(outcome, Accepted) for outcome in again)
    assert (summary["accepted"], summary["logins"]) == (20, 2)


async def test_a_revoked_token_of_the_cloud_halts(tmp_path: Path) -> None:
    async with simulating(access_token=SecretStr(TOKEN)) as api:
        settings = settings_of(CLOUD, api, tmp_path)
        async with open_whatsapp(settings) as client:
            await api.post("/_simulator/token", {"revoke": True})
            assert await client.send(post(settings), Departing()) == NotNow(190, Scope.NUMBER, 1.0, Halt.TOKEN)
        with pytest.raises(ConfigurationError, match="access token"):
            await check(settings, "paris")


async def test_a_wrong_password_is_found_before_anything_is_sent(tmp_path: Path) -> None:
    async with simulating(dialect="on_premises", **CANARIES) as api:
        settings = settings_of(ON_PREMISES, api, tmp_path, password="Another-pa55!")
        with pytest.raises(ConfigurationError, match=r"settings\.yaml:1.*password"):
            await check(settings, "shard-01")


async def test_a_client_tells_its_shards_and_can_be_told_to_say_sent(tmp_path: Path) -> None:
    async with (
        simulating(Profile(shards=2), dialect="on_premises", **CANARIES) as api,
        open_account(settings_of(ON_PREMISES, api, tmp_path)) as account,
    ):
        assert isinstance(account, OnPremisesAccount)
        assert await account.shards() == 2
        assert not await account.sent_status()
        await account.set_sent_status()
        assert await account.sent_status()
