"""`campaign db adopt`: somebody says that a ledger this machine does not know is the one to work with from now on."""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from campaign.adapters.postgres import identity
from campaign.adapters.postgres.process import PostgresWatchman
from campaign.bootstrap.ledger import Ledger, open_ledger
from campaign.bootstrap.recognising import Recognition
from campaign.domain.errors import ConfigurationError
from campaign.domain.identity import Sighting, in_words, judge
from campaign.rescue import rescue
from campaign.settings import Settings


@dataclass(frozen=True, slots=True)
class Stranger:
    """What is to be adopted: what differs, in words; the runs that would be paused; who works with it already."""

    installation: str
    differences: Sequence[str]
    runs: Sequence[str]
    alive: int


@dataclass(frozen=True, slots=True)
class Adopted:
    """What an adoption did; `joined` a ledger that others work with, which nothing had to be paused for."""

    installation: str
    paused: Sequence[str]
    rescued: int
    joined: bool


async def examine(settings: Settings) -> Stranger:
    """Compare the ledger with what this machine knows, and change nothing."""
    async with _opened(settings) as ledger, ledger.pool.acquire() as connection:
        recognition = Recognition(settings)
        damaged, known = await _known(recognition)
        found = await recognition.reader.see(connection)
        differs = [damaged] if damaged else in_words(judge(known, found, vouched=False))
        runs = await identity.startable(connection)
        return Stranger(ledger.installation, differs, runs, await identity.alive(connection))


async def adopt(settings: Settings, *, reason: str, as_copy: bool) -> Adopted:
    """Take the ledger for this machine's own; `as_copy` gives it an id of its own.

    Whatever would send by itself is paused first, unless others work with this very ledger: then it is only this
    machine that did not know it.
    """
    async with _opened(settings) as ledger:
        recognition = Recognition(settings)
        async with ledger.pool.acquire() as connection, connection.transaction():
            alive = await identity.alive(connection)
            if as_copy and alive:
                raise ConfigurationError(
                    f"others work with this ledger (processes: {alive}): nothing was changed",
                    remedy="stop `serve`, workers and launches of it first",
                )
            installation = secrets.token_hex(4) if as_copy else ledger.installation
            detail = {"by": "adopt", "why": reason, "installation": installation, "was": ledger.installation}
            paused = [] if alive else await identity.pause_startable(connection, detail=detail)
            await identity.rename(connection, installation)
            await identity.note_adoption(connection, detail={**detail, "paused": paused})
        rescued = await rescue(PostgresWatchman(ledger.pool, process=0))
        await _write(recognition, ledger)
    return Adopted(installation, paused, rescued, joined=alive > 0)


def _opened(settings: Settings) -> AbstractAsyncContextManager[Ledger]:
    return open_ledger(settings, purpose="campaign db adopt", size=2, unless_known="ignore")


async def _known(recognition: Recognition) -> tuple[str, Sighting | None]:
    """Read the journal; one that cannot be read is what is wrong, and is to be replaced."""
    try:
        return "", await asyncio.to_thread(recognition.journal.read)
    except ConfigurationError as error:
        return error.message, None


async def _write(recognition: Recognition, ledger: Ledger) -> None:
    async with ledger.pool.acquire() as connection:
        # What was committed above proves that this position is kept.
        found = await recognition.reader.see(connection)
    try:
        await asyncio.to_thread(recognition.journal.replace, found)
    except OSError as error:
        raise recognition.unwritable(error) from None
