"""Whether the ledger is the one this machine knows: at the start, at every new connection, and each second after."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import asyncpg
import structlog

from campaign.adapters.identity_journal import NAME, IdentityJournal
from campaign.adapters.postgres.identity import PostgresIdentity, alive
from campaign.domain.errors import ConfigurationError
from campaign.domain.identity import Difference, Identity, Sighting, compare, in_words, judge
from campaign.settings import Settings

log = structlog.get_logger()


class Recognition:
    """Knows the ledger that a process was started with, and refuses every other one."""

    def __init__(self, settings: Settings) -> None:
        self.journal = IdentityJournal(settings.home / NAME)
        self.reader = PostgresIdentity(settings.home if settings.database is None else None)
        # As far as it is proven to be kept: a crash of the server may take back what no commit followed.
        self._proven: Identity | None = None
        self._writing: asyncio.Future[None] | None = None
        self._complained = False

    async def insist(self, connection: asyncpg.Connection) -> None:
        """Refuse a ledger that this machine does not know, and note one that it does; raises ConfigurationError."""
        # Read before the server is asked: another process may note a later position in between.
        known = await asyncio.to_thread(self.journal.read)
        found = await self.reader.see(connection)
        vouched = known is None and found.used and await alive(connection) > 0
        differences = judge(known, found, vouched=vouched)
        if differences:
            raise self._refusal(differences)
        seen = _unproven(found)
        self._proven = seen.identity
        await self._begin(known, seen)

    async def look(self, connection: asyncpg.Connection) -> None:
        """Warn of a ledger that is not the one this machine knows; whoever only looks may look at any."""
        try:
            known = await asyncio.to_thread(self.journal.read)
        except ConfigurationError as error:
            log.warning("ledger.not_ours", why=str(error))
            return
        if known is not None and (differences := judge(known, await self.reader.see(connection), vouched=False)):
            log.warning("ledger.not_ours", why=" | ".join(in_words(differences)))

    async def first(self, connection: asyncpg.Connection) -> None:
        """Begin the journal of a ledger that nothing was sent from; raises ConfigurationError."""
        if await asyncio.to_thread(self.journal.read) is None:
            found = await self.reader.see(connection)
            if not found.used:
                await self._begin(None, _unproven(found))

    async def again(self, connection: asyncpg.Connection) -> None:
        """Refuse a new connection that leads to another ledger, as after a failover."""
        before = self._proven
        self._refuse(before, (await self.reader.see(connection)).identity)

    async def recognise(self, connection: asyncpg.Connection) -> Sighting:
        """Look again, in the database and in the journal: an operator may have chosen another ledger meanwhile."""
        before = self._proven
        known = await asyncio.to_thread(self._read_if_whole)
        found = await self.reader.see(connection)
        self._refuse(before, found.identity)
        self._refuse(known.identity if known is not None else None, found.identity)
        return found

    def note(self, seen: Sighting) -> None:
        """Keep what was seen, beside everything else; to be called after a commit that came after the look."""
        self._proven = seen.identity
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().run_in_executor(None, self._keep, seen)

    async def close(self) -> None:
        """Wait until the last note is written."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    async def _begin(self, known: Sighting | None, seen: Sighting) -> None:
        if known is not None and not compare(known.identity, seen.identity):
            await asyncio.to_thread(self._keep, seen)
            return
        try:
            await asyncio.to_thread(self.journal.note if known is None else self.journal.replace, seen)
        except OSError as error:
            raise self.unwritable(error) from None

    def _keep(self, seen: Sighting) -> None:
        """Write what was seen; what is known already protects nearly as well, so a full disk stops nobody."""
        try:
            self.journal.note(seen)
        except OSError as error:
            if not self._complained:
                log.warning("ledger.not_noted", path=str(self.journal.path), reason=error.strerror)
            self._complained = True

    def _read_if_whole(self) -> Sighting | None:
        try:
            return self.journal.read()
        except ConfigurationError:
            return None

    def _refuse(self, known: Identity | None, found: Identity) -> None:
        if known is not None and (differences := compare(known, found)):
            raise self._refusal(differences)

    def _refusal(self, differences: Sequence[Difference]) -> ConfigurationError:
        remedy = (
            f"if that is on purpose, copy {NAME} from a machine that works with it; else"
            if Difference.NEVER_SEEN in differences
            else "what was sent meanwhile may be forgotten, and would be sent again:"
        )
        return ConfigurationError(
            "; ".join(in_words(differences)),
            where=str(self.journal.path),
            remedy=f'{remedy} read "Backup and restore" in docs/operations.md, then run '
            "`campaign db adopt --reason TEXT`",
        )

    def unwritable(self, error: OSError) -> ConfigurationError:
        """Say that the journal cannot be kept."""
        return ConfigurationError(
            f"what this machine knows of its ledger cannot be written ({error.strerror})",
            where=str(self.journal.path),
            remedy="make the folder writable for the user who runs this",
        )


def _unproven(found: Sighting) -> Sighting:
    """Leave the position out: no commit of ours came after it, so a crash may take it back."""
    return replace(found, identity=replace(found.identity, position=None))
