"""Webhooks about people who asked to be forgotten, and about messages their senders deleted -> nothing that stays."""

from collections.abc import Collection, Sequence
from uuid import UUID

from campaign.domain.callback import Callback
from campaign.domain.numbers import person
from campaign.domain.receipt import Heard, Inbound, Item, Preference, StatusFact
from campaign.domain.traces import numbers_in_id
from campaign.ports import ForgettingBatch

# The status of a message that its sender took back. Source: Meta, On-Premises webhooks, "Statuses".
DELETED = "deleted"

_Row = tuple[UUID, int]


class Forgotten:
    """Leaves out of webhooks what must not be kept; `installation` is ours in callback data, `key` the person key."""

    def __init__(self, *, installation: str, key: bytes) -> None:
        self._installation = installation
        self._key = key

    async def leave_out(self, batch: ForgettingBatch, heard: Sequence[Heard]) -> Sequence[Heard]:
        """Drop what is about erased people, and empty the bodies that it and deleted messages came in."""
        await _empty_deleted(batch, heard)
        return await self._without_erased(batch, heard) if await batch.is_anybody_forgotten() else heard

    async def _without_erased(self, batch: ForgettingBatch, heard: Sequence[Heard]) -> Sequence[Heard]:
        numbers = {number for each in heard for number in _numbers(each)}
        people = {number: person(number, self._key) for number in numbers}
        erased = set(await batch.forgotten_people(set(people.values())))
        forgotten = {number for number, each in people.items() if each in erased}
        rows = {row for each in heard for item in each.items if (row := self._row(item)) is not None}
        gone = set(await batch.forgotten_rows(rows))

        def stays(item: Item) -> bool:
            return self._row(item) not in gone and forgotten.isdisjoint(_numbers_of(item))

        kept = [each._replace(items=list(filter(stays, each.items))) for each in heard]
        unread = {each.webhook for each in heard if not forgotten.isdisjoint(each.unread)}
        await _blank(batch, {*_shortened(heard, kept), *unread})
        return kept

    def _row(self, item: Item) -> _Row | None:
        callback = _callback(item)
        ours = callback is not None and callback.installation == self._installation
        return (callback.run, callback.row) if callback is not None and ours else None


async def _empty_deleted(batch: ForgettingBatch, heard: Sequence[Heard]) -> None:
    """Remove what its sender deleted. Webhooks come in any order: that it was deleted may have been said before."""
    items = [item for each in heard for item in each.items]
    deleted = {each.message_id for each in items if isinstance(each, StatusFact) and each.status == DELETED}
    wrote = {each.message_id for each in items if isinstance(each, Inbound)}
    bodies = set[int | None](await batch.take_back(deleted)) if deleted else set[int | None]()
    if wrote:
        deleted |= set(await batch.taken_back(wrote))
        bodies |= {each.webhook for each in heard if any(_wrote(item, deleted) for item in each.items)}
    await _blank(batch, bodies)


def _callback(item: Item) -> Callback | None:
    return item.callback if isinstance(item, StatusFact) else None


def _wrote(item: Item, message_ids: Collection[str]) -> bool:
    return isinstance(item, Inbound) and item.message_id in message_ids


def _numbers(heard: Heard) -> set[str]:
    return {number for item in heard.items for number in _numbers_of(item)} | set(heard.unread)


def _numbers_of(item: Item) -> set[str]:
    """Name whom an item is about; where it names nobody, its message ID may."""
    match item:
        case StatusFact(recipient=str(number)) | Inbound(number=str(number)) | Preference(number=number):
            return {number}
        case StatusFact() | Inbound():
            return numbers_in_id(item.message_id)
        case _:
            return set()


def _shortened(heard: Sequence[Heard], kept: Sequence[Heard]) -> set[int | None]:
    """Find the bodies of which something was left out."""
    return {was.webhook for was, now in zip(heard, kept, strict=True) if len(now.items) < len(was.items)}


async def _blank(batch: ForgettingBatch, webhooks: Collection[int | None]) -> None:
    known = sorted(each for each in webhooks if each is not None)
    if known:
        await batch.blank(known)
