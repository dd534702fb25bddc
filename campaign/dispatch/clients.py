"""Whose shards may be taken, and in which order: of a client, only by the owner of its leader."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import structlog

from campaign.dispatch.client import ClientPace
from campaign.dispatch.headroom import Headroom
from campaign.dispatch.lane import Lane
from campaign.dispatch.meter import progress
from campaign.dispatch.shard import ShardSender
from campaign.ports import Clock, Store

log = structlog.get_logger()


class Clients:
    """The clients among a process's lanes; lanes without one pass freely."""

    def __init__(self, lanes: Sequence[Lane], *, store: Store, clock: Clock) -> None:
        self._store = store
        self._paces: dict[str, ClientPace] = {}
        for lane in _leaders(lanes):
            if lane.client is not None:
                room = Headroom(lane.client.ceiling, lane.headroom, address=lane.address, store=store, clock=clock)
                self._paces[lane.client.id] = ClientPace(lane.client, room, clock=clock)

    def leaders_first(self, lanes: Sequence[Lane]) -> Sequence[Lane]:
        """Put the leaders before the shards that may only be taken after them."""
        leaders = _leaders(lanes)
        return [*leaders, *(lane for lane in lanes if lane.id not in {leader.id for leader in leaders})]

    def leaders_last(self, senders: Sequence[ShardSender]) -> Sequence[ShardSender]:
        return sorted(senders, key=lambda sender: _leads(sender.lane))

    def may_take(self, lane: Lane, senders: Mapping[str, ShardSender]) -> bool:
        """Tell whether we pace all that a shard's client sends."""
        if lane.client is None or _leads(lane):
            return True
        leader = senders.get(lane.client.leader)
        return leader is not None and not leader.draining

    def pace_of(self, lane: Lane) -> ClientPace | None:
        """Give what paces a shard's client."""
        return None if lane.client is None else self._paces[lane.client.id]

    async def lost(self, senders: Collection[ShardSender]) -> Sequence[Sequence[ShardSender]]:
        """Find the clients whose leader is not ours any more; give what we still send over, client by client."""
        active = [sender for sender in senders if sender.lane.client is not None and not sender.draining]
        groups = [list(group) for _, group in groupby(sorted(active, key=_client), key=_client)]
        return [group for group in groups if not await self._led(group)]

    async def _led(self, group: Sequence[ShardSender]) -> bool:
        leader = next((sender for sender in group if _leads(sender.lane)), None)
        return leader is not None and await self._store.still_ours(leader.lane.id, leader.epoch)

    async def tick(self) -> None:
        """Follow what the clients' numbers receive."""
        for pace in self._paces.values():
            if await pace.tick():
                log.info("shard.ceiling", shard=pace.client.id, ceiling=pace.headroom.ceiling)

    async def report(self) -> None:
        """Write and log what the shards of each client did together."""
        for pace in self._paces.values():
            for interval in pace.read():
                log.info("shard.progress", **progress(interval))
                await self._store.write_interval(interval)


def _leads(lane: Lane) -> bool:
    return lane.client is not None and lane.client.leader == lane.id


def _client(sender: ShardSender) -> str:
    return sender.lane.client.id if sender.lane.client is not None else ""


def _leaders(lanes: Iterable[Lane]) -> Sequence[Lane]:
    """Give the leader of each client, also of one that only other shards were asked for."""
    found: dict[str, Lane] = {}
    for lane in lanes:
        if lane.client is not None and (_leads(lane) or lane.client.leader not in found):
            found[lane.client.leader] = replace(lane, id=lane.client.leader)
    return list(found.values())
