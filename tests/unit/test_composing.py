"""A run's message, ready for a number: what is uploaded, when again, and what an upload that fails does."""

import asyncio
import math
from typing import Any
from uuid import UUID

import orjson

from campaign.composing import CLAIM_SECONDS, LOOK_SECONDS, RETRY_SECONDS, MessageComposer
from campaign.domain.media import frozen_name
from campaign.domain.outcome import Halt
from campaign.ports import Composed, NotComposed, NotUploaded, Route, RunningRun
from tests.media_fakes import MemoryMedia, ScriptedUploads, file
from tests.virtual_time import in_virtual_time

MENU = file()
DOCUMENT = {"type": "document", "document": {"file": frozen_name(MENU.sha256), "filename": "menu.pdf"}}
MONTH = 30 * 86_400.0
DAY = 86_400.0


def run(message: dict[str, Any], **definition: Any) -> RunningRun:
    return RunningRun(1, UUID(int=1), False, None, ("paris",), {"message": message, **definition}, "wait")


class World:
    """One process beside another, over one ledger."""

    def __init__(self, *files: Any, dialect: Any = "cloud") -> None:
        self.store = MemoryMedia(*files)
        self.uploads = ScriptedUploads()
        self.composer, self.other = (MessageComposer(self.store, self.uploads, dialect=dialect) for _ in range(2))

    async def content(self, message: dict[str, Any] = DOCUMENT, address: str = "106") -> Any:
        composed = await self.composer.compose(run(message), address)
        assert isinstance(composed, Composed)
        (message,) = composed.messages
        rendered = message.render({})
        assert isinstance(rendered, bytes)
        return orjson.loads(rendered)

    async def good_for(self) -> float:
        composed = await self.composer.compose(run(DOCUMENT), "106")
        assert isinstance(composed, Composed)
        return composed.good_for_seconds


@in_virtual_time
async def test_a_file_is_uploaded_once_per_number() -> None:
    world = World(MENU)

    assert await world.content() == {"type": "document", "document": {"id": "id-1", "filename": "menu.pdf"}}
    assert await world.content() == {"type": "document", "document": {"id": "id-1", "filename": "menu.pdf"}}
    await world.content(address="107")

    assert world.uploads.asked == [("106", MENU.content), ("107", MENU.content)]


@in_virtual_time
async def test_a_message_without_files_is_ready_for_ever() -> None:
    world = World()

    composed = await world.composer.compose(run({"type": "text", "text": {"body": "Hello {{ name }}"}}), "106")

    assert isinstance(composed, Composed)
    assert composed.good_for_seconds == math.inf
    assert composed.route == Route()
    assert composed.messages[0].render({"name": "Ada"}) == b'{"text":{"body":"Hello Ada"},"type":"text"}'


@in_virtual_time
async def test_two_files_are_two_uploads_and_one_file_twice_is_one() -> None:
    other = file(b"%PDF-other")
    world = World(MENU, other)
    cards = [{"document": {"file": frozen_name(each.sha256)}} for each in (MENU, other, MENU)]

    content = await world.content({"type": "interactive", "interactive": {"cards": cards}})

    ids = [card["document"]["id"] for card in content["interactive"]["cards"]]
    assert ids[0] == ids[2] != ids[1]
    assert len(world.uploads.asked) == 2


@in_virtual_time
async def test_an_id_is_renewed_a_day_before_it_lapses() -> None:
    world = World(MENU)

    assert await world.good_for() == MONTH - DAY
    await asyncio.sleep(MONTH - DAY - 60)
    assert (await world.content())["document"]["id"] == "id-1"
    await asyncio.sleep(61)
    assert (await world.content())["document"]["id"] == "id-2"


@in_virtual_time
async def test_a_renewal_that_fails_keeps_the_old_id_while_it_serves() -> None:
    world = World(MENU)
    await world.content()
    world.uploads.answer = NotUploaded("refused", refused=True, code=131053)

    await asyncio.sleep(MONTH - DAY + 60)
    assert (await world.content())["document"]["id"] == "id-1"
    assert await world.good_for() == RETRY_SECONDS

    await asyncio.sleep(DAY)
    assert await world.composer.compose(run(DOCUMENT), "106") == NotComposed("refused", refused=True, code=131053)


@in_virtual_time
async def test_an_upload_refused_for_more_than_its_file_says_what_stops() -> None:
    world = World(MENU)
    world.uploads.answer = NotUploaded("refused: token", refused=True, code=190, halt=Halt.TOKEN)

    made = await world.composer.compose(run(DOCUMENT), "106")

    assert made == NotComposed("refused: token", refused=True, code=190, halt=Halt.TOKEN)


@in_virtual_time
async def test_the_last_seconds_of_an_old_id_are_not_outlived() -> None:
    world = World(MENU)
    await world.content()
    world.uploads.answer = NotUploaded("timeout")

    await asyncio.sleep(MONTH - 100)

    assert await world.good_for() <= 100


@in_virtual_time
async def test_one_process_uploads_and_the_others_wait_for_it() -> None:
    world = World(MENU)
    # Longer than a claim lasts by itself: whoever uploads holds it.
    world.uploads.seconds = 4 * CLAIM_SECONDS
    first = asyncio.create_task(world.composer.compose(run(DOCUMENT), "106"))

    await asyncio.sleep(2 * CLAIM_SECONDS)
    waiting = await world.other.compose(run(DOCUMENT), "106")
    assert isinstance(waiting, NotComposed)
    assert not waiting.refused

    assert isinstance(await first, Composed)
    assert isinstance(await world.other.compose(run(DOCUMENT), "106"), Composed)
    assert len(world.uploads.asked) == 1


@in_virtual_time
async def test_an_uploader_that_dies_is_followed_by_another() -> None:
    world = World(MENU)
    world.uploads.seconds = 1000
    dying = asyncio.create_task(world.composer.compose(run(DOCUMENT), "106"))
    await asyncio.sleep(1)
    dying.cancel()
    world.uploads.seconds = 0

    began = asyncio.get_running_loop().time()
    assert isinstance(await world.other.compose(run(DOCUMENT), "106"), Composed)
    assert asyncio.get_running_loop().time() - began <= CLAIM_SECONDS


@in_virtual_time
async def test_shards_of_one_number_wait_for_one_upload() -> None:
    world = World(MENU)
    world.uploads.seconds = 3

    made = await asyncio.gather(*(world.composer.compose(run(DOCUMENT), "106") for _ in range(8)))

    assert all(isinstance(each, Composed) for each in made)
    assert len(world.uploads.asked) == 1
    assert asyncio.get_running_loop().time() < 3 + LOOK_SECONDS


@in_virtual_time
async def test_shards_of_one_number_hear_of_one_refusal() -> None:
    world = World(MENU)
    world.uploads.seconds = 3
    world.uploads.answer = NotUploaded("refused", refused=True, code=131053)

    made = await asyncio.gather(*(world.composer.compose(run(DOCUMENT), "106") for _ in range(8)))

    assert made == [NotComposed("refused", refused=True, code=131053)] * 8
    assert len(world.uploads.asked) == 1


@in_virtual_time
async def test_another_process_goes_on_as_soon_as_the_file_is_there() -> None:
    world = World(MENU)
    world.uploads.seconds = 3
    first = asyncio.create_task(world.composer.compose(run(DOCUMENT), "106"))
    await asyncio.sleep(1)

    assert isinstance(await world.other.compose(run(DOCUMENT), "106"), Composed)

    assert asyncio.get_running_loop().time() < 4
    assert isinstance(await first, Composed)
    assert len(world.uploads.asked) == 1


@in_virtual_time
async def test_an_upload_that_fails_may_be_tried_at_once_by_anybody() -> None:
    world = World(MENU)
    world.uploads.answer = NotUploaded("timeout")
    assert await world.composer.compose(run(DOCUMENT), "106") == NotComposed("timeout")

    world.uploads.answer = None

    assert isinstance(await world.other.compose(run(DOCUMENT), "106"), Composed)


@in_virtual_time
async def test_a_file_the_ledger_lost_is_refused() -> None:
    composed = await World().composer.compose(run(DOCUMENT), "106")

    assert composed == NotComposed("a file of the message is not in the ledger", refused=True)


@in_virtual_time
async def test_the_message_speaks_the_dialect_of_the_number() -> None:
    message = {"type": "text", "text": {"body": "Hello", "preview_url": True}}

    assert await World().content(message) == message
    assert await World(dialect="on_premises").content(message) == {
        "type": "text",
        "text": {"body": "Hello"},
        "preview_url": True,
    }


@in_virtual_time
async def test_the_route_tells_what_the_file_asked_for() -> None:
    via = {"endpoint": "marketing_messages", "members": {"product_policy": "STRICT", "message_activity_sharing": False}}

    composed = await World().composer.compose(run({"type": "text", "text": {"body": "x"}}, via=via), "106")

    assert isinstance(composed, Composed)
    assert composed.route == Route("marketing_messages", b'"message_activity_sharing":false,"product_policy":"STRICT",')


def variants(*messages: dict[str, Any]) -> RunningRun:
    listed = [{"name": name, "share": 0.5, "message": message} for name, message in zip("ab", messages, strict=True)]
    return RunningRun(1, UUID(int=1), False, None, ("paris",), {"variants": listed}, "wait")


@in_virtual_time
async def test_every_variant_is_made_ready_with_its_own_files() -> None:
    other = file(b"%PDF-other")
    world = World(MENU, other)
    second = {"type": "document", "document": {"file": frozen_name(other.sha256), "filename": "other.pdf"}}

    composed = await world.composer.compose(variants(DOCUMENT, second), "106")

    assert isinstance(composed, Composed)
    rendered = [message.render({}) for message in composed.messages]
    assert [orjson.loads(each)["document"]["filename"] for each in rendered if isinstance(each, bytes)] == [
        "menu.pdf",
        "other.pdf",
    ]
    assert {content for _, content in world.uploads.asked} == {MENU.content, other.content}


@in_virtual_time
async def test_a_variant_that_cannot_be_made_is_named() -> None:
    world = World()

    made = await world.composer.compose(variants({"type": "text", "text": {"body": "Hi"}}, {"a": "{{ 1 +"}), "106")

    assert isinstance(made, NotComposed)
    assert made.refused
    assert made.why.startswith("variant b: message.a: ")
