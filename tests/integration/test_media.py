"""Files and their ids in a real ledger, and two processes that want to upload the same one."""

import asyncio

import asyncpg
import pytest

from campaign.adapters.postgres.media import PostgresMedia
from campaign.ports import KnownUpload
from tests.media_fakes import MemoryMedia, file

DAY = 86_400.0
MENU = file()


@pytest.fixture(params=["memory", "postgres"])
def media(request: pytest.FixtureRequest) -> MemoryMedia | PostgresMedia:
    """Give the fake of the unit tests and the real store: both are held to the same."""
    if request.param == "memory":
        return MemoryMedia()
    return PostgresMedia(request.getfixturevalue("pool"))


async def claim(media: MemoryMedia | PostgresMedia, address: str = "106", *, seconds: float = 30.0) -> bool:
    return await media.claim(address, MENU.sha256, seconds=seconds, renew_before_seconds=DAY)


async def test_a_file_is_kept_once_and_given_back_byte_for_byte(media: MemoryMedia | PostgresMedia) -> None:
    await media.keep([MENU])
    await media.keep([file(name="another name.pdf"), MENU])

    assert await media.file(MENU.sha256) == MENU
    assert await media.file(b"\x00" * 32) is None


async def test_one_may_upload_for_a_number_at_a_time(media: MemoryMedia | PostgresMedia) -> None:
    assert await claim(media)
    assert not await claim(media)
    assert await claim(media, "107")


async def test_an_id_that_is_fresh_needs_no_upload(media: MemoryMedia | PostgresMedia) -> None:
    await claim(media)
    await media.note("106", MENU.sha256, "id-1", seconds=2 * DAY)

    assert not await claim(media)
    known = await media.known("106", MENU.sha256)
    assert known is not None
    assert known.media_id == "id-1"
    assert DAY < known.seconds_left <= 2 * DAY
    assert await media.known("107", MENU.sha256) is None


async def test_an_id_of_its_last_day_may_be_renewed_and_serves_meanwhile(media: MemoryMedia | PostgresMedia) -> None:
    await claim(media)
    await media.note("106", MENU.sha256, "id-1", seconds=DAY - 60)

    assert await claim(media)
    assert isinstance(await media.known("106", MENU.sha256), KnownUpload)
    await media.release("106", MENU.sha256)
    assert (await media.known("106", MENU.sha256) or KnownUpload("", 0)).media_id == "id-1"
    assert await claim(media)


async def test_a_lapsed_id_is_not_known(media: MemoryMedia | PostgresMedia) -> None:
    await claim(media)
    await media.note("106", MENU.sha256, "id-1", seconds=0)

    assert await media.known("106", MENU.sha256) is None


async def test_a_claim_lapses_unless_it_is_held(media: MemoryMedia | PostgresMedia) -> None:
    assert await claim(media, seconds=0)
    assert await claim(media, seconds=0)
    await media.hold("106", MENU.sha256, seconds=30)

    assert not await claim(media)


async def test_of_many_who_claim_at_once_one_uploads(pool: asyncpg.Pool) -> None:
    media = PostgresMedia(pool)

    claims = await asyncio.gather(*(claim(media) for _ in range(20)))

    assert sorted(claims) == [False] * 19 + [True]
