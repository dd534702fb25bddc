"""How many messages a shard may have under way: permits until the ledger knows, slots until the departure."""

import asyncio

from campaign.dispatch.meter import Meter


class Places:
    """Counts what is where, and accounts the time that waiting for a place costs to whoever causes it."""

    def __init__(self, *, permits: int, slots: int, meter: Meter) -> None:
        self._permits = asyncio.Semaphore(permits)
        self._slots = asyncio.Semaphore(slots)
        self._slots_in_all = slots
        self._leaving = asyncio.Lock()
        self._meter = meter
        self._posting = 0
        self.in_flight = 0
        self.marking = False

    async def permit(self) -> None:
        """Wait until fewer than so many answers are awaited or not recorded yet."""
        if not self._permits.locked():
            await self._permits.acquire()
            return
        with self._meter.waiting_for("whatsapp" if self._posting * 2 >= self.in_flight else "database"):
            await self._permits.acquire()

    async def slot(self) -> None:
        """Wait until fewer than so many hold a token and have not left."""
        if not self._slots.locked():
            await self._slots.acquire()
            return
        with self._meter.waiting_for("database" if self.marking else "limiter"):
            await self._slots.acquire()

    def leave_slot(self) -> None:
        self._slots.release()

    def marked(self) -> None:
        self.in_flight += 1

    def departed(self) -> None:
        """Note that a request is about to be written."""
        self._posting += 1
        self._slots.release()

    def answered(self, *, departed: bool) -> None:
        """Note that a request came back, or never left."""
        self.in_flight -= 1
        if departed:
            self._posting -= 1
        else:
            self._slots.release()

    def give_permit_back(self) -> None:
        self._permits.release()

    async def all_left(self) -> None:
        """Wait until nothing holds a slot, once nobody asks for one any more."""
        # A lost client may be drained while its shards are given away: of two who ask, neither holds the other up.
        async with self._leaving:
            held = 0
            try:
                for _ in range(self._slots_in_all):
                    await self._slots.acquire()
                    held += 1
            finally:
                for _ in range(held):
                    self._slots.release()
