"""Whether a database is the ledger that this machine knows, or another life of it.

A ledger that went back in time forgets what was sent; of two copies, each sends what the other sent already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Difference(StrEnum):
    """What is not as it was."""

    NEVER_SEEN = "never_seen"
    OTHER_INSTALLATION = "other_installation"
    OTHER_SERVER = "other_server"
    OTHER_TIMELINE = "other_timeline"
    OLDER = "older"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a database from every other; None is what its server does not tell, and is not compared.

    `server` is Postgres' system identifier. `position` is how far its log was known to be kept, in bytes: it only ever
    grows. `folder` tells copies of an embedded server's files apart.
    """

    installation: str
    server: int | None = None
    timeline: int | None = None
    position: int | None = None
    folder: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A ledger as it was seen; `used` once a run was started in it."""

    identity: Identity
    used: bool


_WORDS: Final = {
    Difference.NEVER_SEEN: "messages were sent from this ledger, and this machine has not worked with it before",
    Difference.OTHER_INSTALLATION: "this is the ledger of another installation",
    Difference.OTHER_SERVER: "the ledger is on another server than before: restored from a dump, upgraded, or a clone",
    Difference.OTHER_TIMELINE: "the ledger's server took another timeline: a backup was restored, or a standby "
    "promoted",
    Difference.OLDER: "the ledger is older than what this machine has seen of it: an earlier copy was restored",
    Difference.COPIED: "the ledger's folder is a copy: restored from a backup, cloned, or moved",
}


def in_words(differences: Sequence[Difference]) -> list[str]:
    """Say what happened, one sentence each."""
    return [_WORDS[each] for each in differences]


def judge(known: Sighting | None, found: Sighting, *, vouched: bool) -> Sequence[Difference]:
    """Tell what keeps a ledger from being the one this machine knows; nothing does before a run was ever started.

    `vouched`: another process, which was asked the same, works with it at this moment. That is enough for a machine
    that knows no ledger yet, and not for one that knows better.
    """
    if known is None:
        return () if vouched or not found.used else (Difference.NEVER_SEEN,)
    return compare(known.identity, found.identity) if known.used or found.used else ()


def compare(known: Identity, found: Identity) -> Sequence[Difference]:
    """Tell what differs; another server's timelines and positions say nothing."""
    differences = []
    if known.installation != found.installation:
        differences.append(Difference.OTHER_INSTALLATION)
    if _differ(known.server, found.server):
        return [*differences, Difference.OTHER_SERVER]
    if _differ(known.timeline, found.timeline):
        differences.append(Difference.OTHER_TIMELINE)
    if known.position is not None and found.position is not None and found.position < known.position:
        differences.append(Difference.OLDER)
    if _differ(known.folder, found.folder):
        differences.append(Difference.COPIED)
    return differences


def _differ(known: int | None, found: int | None) -> bool:
    return known is not None and found is not None and known != found


def newest(known: Sighting | None, seen: Sighting) -> Sighting:
    """Take two sightings of one ledger together: its position never goes back.

    Of two ledgers, the known one stays.
    """
    if known is None:
        return seen
    if any(each is not Difference.OLDER for each in compare(known.identity, seen.identity)):
        return known
    positions = [each for each in (known.identity.position, seen.identity.position) if each is not None]
    return Sighting(replace(seen.identity, position=max(positions, default=None)), known.used or seen.used)
