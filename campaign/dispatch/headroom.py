"""What is left of a number's throughput, as others use it: Meta counts inbound messages too."""

import math
from typing import Literal

from campaign.domain.pacing import left_over
from campaign.ports import Clock, Store

LOOK_SECONDS = 10.0


class Headroom:
    """The ceiling of one number now; `None` is unlimited. Asked anew every ten seconds if it is `auto`."""

    def __init__(
        self, throughput: float | None, headroom: float | Literal["auto"], *, address: str, store: Store, clock: Clock
    ) -> None:
        self._throughput = throughput
        self._auto = headroom == "auto"
        self._address = address
        self._store = store
        self._clock = clock
        self._looked_at = -math.inf
        self.ceiling = left_over(throughput, 0.0 if headroom == "auto" else headroom)

    async def look(self) -> bool:
        """See how much the number receives; tell whether that changed the ceiling."""
        if not self._auto or self._throughput is None or self._clock.now() - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = self._clock.now()
        before = self.ceiling
        self.ceiling = left_over(self._throughput, round(await self._store.inbound_rate(self._address), 1))
        return self.ceiling != before
