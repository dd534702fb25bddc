"""Which part of everybody a person belongs to, drawn by the person's hash: the same one next time."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

_SPAN: Final = 2**64


def drawn(campaign: str, purpose: str, reaching: Sequence[float]) -> Callable[[bytes], int]:
    """Make what draws a person's part; `reaching`: how much of everybody the parts up to each one hold, at last 1.

    Each purpose has a hash of its own, so that shards, variants and steps are spread alike over one another. A part
    that grows takes people from the next alone.
    """
    if len(reaching) <= 1:
        return lambda _: 0
    # The last one takes what rounding leaves.
    edges = [share * _SPAN for share in reaching[:-1]]
    salted = sha256(f"{campaign}\0{purpose}\0".encode())

    def draw(person: bytes) -> int:
        of_person = salted.copy()
        of_person.update(person)
        return bisect_right(edges, int.from_bytes(of_person.digest()[:8]))

    return draw
