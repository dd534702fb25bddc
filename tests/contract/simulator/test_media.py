"""Files go up, are known by their number, and go away."""

import asyncio
import hashlib
import io
from typing import Any

import aiohttp
import pytest

from campaign.simulator.profile import Profile
from tests.contract.simulator.client import NUMBER, Api, body, simulating

MEDIA = f"/v23.0/{NUMBER}/media"
PNG = b"\x89PNG" + b"x" * 3_000_000


async def upload(api: Api, content: bytes = PNG, kind: str = "image/png", **fields: str) -> tuple[int, Any]:
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": kind, **fields})
    form.add_field("file", io.BytesIO(content), filename="a", content_type=kind)
    return await api.ask("POST", MEDIA, data=form)


def image(media_id: str) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": "+33600000001", "type": "image", "image": {"id": media_id}}


async def test_a_file_is_known_by_its_id_until_it_is_deleted() -> None:
    async with simulating() as api:
        status, answer = await upload(api)
        media_id = answer["id"]
        found = await api.get(f"/v23.0/{media_id}")

        assert (status, (await api.summary())["media_uploads"]) == (200, 1)
        assert (found["id"], found["mime_type"], found["file_size"]) == (media_id, "image/png", len(PNG))
        assert found["sha256"] == hashlib.sha256(PNG).hexdigest()
        assert (await api.ask("DELETE", f"/v23.0/{media_id}")) == (200, {"success": True})
        assert (await api.ask("DELETE", f"/v23.0/{media_id}"))[0] == 400


@pytest.mark.parametrize(
    ("content", "kind", "fields"),
    [
        (b"x" * (5 * 1024 * 1024 + 1), "image/png", {}),
        (b"x", "image/gif", {}),
        (b"", "image/png", {}),
        (b"x", "image/png", {"messaging_product": "telegram"}),
    ],
)
async def test_a_file_the_platform_does_not_take_is_refused(content: bytes, kind: str, fields: dict[str, str]) -> None:
    async with simulating() as api:
        status, answer = await upload(api, content, kind, **fields)

        assert (status, answer["error"]["code"]) == (400, 100)


async def test_uploads_can_be_slow_and_refused_by_order() -> None:
    async with simulating(Profile(upload_seconds=0.2, upload_error=131053)) as api:
        began = asyncio.get_running_loop().time()
        status, answer = await upload(api)

        assert (status, answer["error"]["code"]) == (400, 131053)
        assert asyncio.get_running_loop().time() - began >= 0.2
        assert (await api.summary())["media_uploads"] == 0


async def test_the_largest_picture_is_taken() -> None:
    async with simulating() as api:
        assert (await upload(api, b"x" * (5 * 1024 * 1024)))[0] == 200


async def test_an_id_is_good_for_the_number_it_went_up_to_alone() -> None:
    async with simulating(Profile(media_checks=True)) as api:
        media_id = (await upload(api))[1]["id"]
        other = await api.post("/v23.0/107/messages", image(media_id))

        assert (await api.send(image(media_id)))[0] == 200
        assert other["error"]["code"] == 131053
        assert (await api.send(image("1")))[1]["error"]["code"] == 131053
        assert (await api.send(body()))[0] == 200
