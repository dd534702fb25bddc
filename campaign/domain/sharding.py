"""Which shard talks to which person: in proportion to throughput, and the same one next time."""

import hashlib
import math
import struct
from collections.abc import Sequence

_SLOT_BITS = 13
_SLOTS = 1 << _SLOT_BITS
_SPARE_BITS = 16 - _SLOT_BITS


class Assigner:
    """Assigns persons to shards by a table of 8,192 slots, built once.

    Each slot goes to the shard that wins a weighted rendezvous for it and still has slots to get, so a shard's share is
    exact to one slot, and a shard that joins or leaves moves little more than its own share: most people go on hearing
    from the number they know. The order of `shards` does not matter. Raises ValueError without shards, or on a weight
    that is not above 0.
    """

    def __init__(self, shards: Sequence[tuple[str, float]]) -> None:
        if not shards or any(not weight > 0 or math.isinf(weight) for _, weight in shards):
            raise ValueError("shards need an id and a throughput above 0")
        self._table = _table(sorted(shards))

    def assign(self, person: bytes) -> str:
        """Name the shard of a person; reads the first two bytes of the hash, which nothing else may split by."""
        return self._table[(person[0] << 8 | person[1]) >> _SPARE_BITS]


def assign(person: bytes, shards: Sequence[tuple[str, float]]) -> str:
    """Assign one person; for many, build an `Assigner` once."""
    return Assigner(shards).assign(person)


def _table(shards: Sequence[tuple[str, float]]) -> list[str]:
    left = _quotas([weight for _, weight in shards])
    bids = [_bids(shard, weight) for shard, weight in shards]
    table = []
    for slot in range(_SLOTS):
        winner = min((index for index in range(len(shards)) if left[index]), key=lambda index: bids[index][slot])
        left[winner] -= 1
        table.append(shards[winner][0])
    return table


def _quotas(weights: Sequence[float]) -> list[int]:
    """Share the slots out by weight, the remainders to those that lost most to rounding."""
    total = math.fsum(weights)
    exact = [_SLOTS * weight / total for weight in weights]
    quotas = [math.floor(share) for share in exact]
    by_loss = sorted(range(len(weights)), key=lambda index: quotas[index] - exact[index])
    for index in by_loss[: _SLOTS - sum(quotas)]:
        quotas[index] += 1
    return quotas


def _bids(shard: str, weight: float) -> list[float]:
    """Draw one exponential waiting time per slot; the shortest wins with probability weight ÷ sum of weights."""
    stream = hashlib.shake_128(shard.encode()).digest(8 * _SLOTS)
    return [-math.log((draw + 1) / 2**64) / weight for draw in struct.unpack(f">{_SLOTS}Q", stream)]
