"""A ledger that went back in time, was cloned or promoted is noticed before anything is sent from it."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from campaign.adapters.identity_journal import IdentityJournal
from campaign.adapters.postgres.database import connect
from campaign.adapters.postgres.embedded import create, ensure_running, stop
from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.process import Process, registered
from campaign.adapters.postgres.server_files import ServerFiles
from campaign.bootstrap import adopting, ledger
from campaign.bootstrap.ledger import Ledger, open_ledger
from campaign.domain.callback import Callback
from campaign.domain.errors import ConfigurationError
from campaign.domain.identity import Difference, Identity, Sighting, in_words
from campaign.domain.receipt import StatusFact
from campaign.receipts import Receipts
from campaign.settings import Settings, load_settings
from tests.integration.ledger_folder import copy_of_ledger, ledger_folder
from tests.integration.rows import Rows

ACCOUNT = 'version: v23.0, business_account_id: "1", access_token: "${SECRET}"'
SEEN = Sighting(Identity("0123abcd", server=7, timeline=1, position=1_000), used=True)


def settings_in(folder: Path, *, database: str | None = None) -> Settings:
    path = folder / "config" / "settings.yaml"
    path.parent.mkdir(exist_ok=True)
    there = f'database: "{database}"\n' if database else ""
    path.write_text(f'account: {{{ACCOUNT}}}\nshards: [{{id: paris, phone_number_id: "1"}}]\n{there}')
    return load_settings(path, {"SECRET": "s" * 40})


@dataclass
class Place:
    """An installation: its settings, and a ledger that messages were sent from."""

    settings: Settings

    def __post_init__(self) -> None:
        self.home = self.settings.home
        self.journal = IdentityJournal(self.home / "identity.json")

    @property
    def seen(self) -> Sighting:
        found = self.journal.read()
        assert found is not None
        return found

    @property
    def position(self) -> int:
        """How far the ledger's log was seen to be kept."""
        return self.seen.identity.position or 0

    async def begin(self) -> None:
        """Start the ledger's server, which a copy has to itself."""
        await ensure_running(self.home)

    async def end(self) -> None:
        await stop(self.home)

    async def open(self) -> None:
        """Open the ledger as what sends does."""
        async with open_ledger(self.settings, purpose="test", size=2, unless_known="refuse"):
            pass

    async def work(self) -> None:
        """Be a sender for a moment, while something is written."""
        async with (
            open_ledger(self.settings, purpose="test", size=2, unless_known="refuse") as opened,
            registered(opened.dsn, "sender", recognition=opened.recognition),
        ):
            await opened.pool.execute("UPDATE run SET tolerate = tolerate / 2")

    async def refused(self) -> str:
        """Open the ledger, which has to fail; returns why."""
        with pytest.raises(ConfigurationError) as refused:
            await self.open()
        assert refused.value.where == str(self.journal.path)
        assert "campaign db adopt" in str(refused.value.remedy)
        return refused.value.message

    async def do(self, statement: str, *values: object) -> Any:
        connection = await connect(await ledger.address(self.settings))
        try:
            return await connection.fetchval(statement, *values)
        finally:
            await connection.close()

    async def promote(self) -> None:
        """Let the server recover as from a backup: it comes back on another timeline."""
        await self.end()
        data = self.home / "postgres"
        with (data / "postgresql.auto.conf").open("a") as written:
            written.write("restore_command = 'false'\n")
        (data / "recovery.signal").touch()
        owner = data.stat()
        os.chown(data / "recovery.signal", owner.st_uid, owner.st_gid)
        await self.begin()
        async with asyncio.timeout(30):
            while await self.do("SELECT pg_is_in_recovery(), pg_sleep(0.05)"):
                pass


def words(*differences: Difference) -> str:
    return "; ".join(in_words(differences))


async def make_used(settings: Settings) -> None:
    """Make a ledger, and a run in it that was started."""
    if settings.database is None:
        await create(settings.home, durable=False)
    await ledger.init(settings)
    place = Place(settings)
    connection = await connect(await ledger.address(settings))
    pool: Any = connection
    run = await Rows(pool).run(campaign="spring", started_at=datetime.now(UTC))
    await Rows(pool).message(run)
    await connection.close()
    await place.open()


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """Make one ledger, and leave it at rest."""

    async def make(settings: Settings) -> None:
        await make_used(settings)
        await stop(settings.home)

    with ledger_folder() as folder:
        asyncio.run(make(settings_in(folder)))
        yield folder / ".campaign"


@pytest.fixture
def folder() -> Iterator[Path]:
    with ledger_folder() as made:
        yield made


@pytest.fixture
async def place(made: Path, folder: Path) -> Place:
    """Give a ledger of this test alone: a copy of the made one, adopted where it is."""
    copy_of_ledger(made, folder)
    there = Place(settings_in(folder))
    await adopting.adopt(there.settings, reason="a test", as_copy=False)
    await there.do("UPDATE run SET state = 'running', reason = NULL")
    await there.do("DELETE FROM event")
    return there


@pytest.fixture
async def elsewhere(ledger_dsn: str, tmp_path: Path) -> Place:
    """Give an installation whose ledger is on a server of its own."""
    settings = settings_in(tmp_path, database=ledger_dsn)
    await make_used(settings)
    return Place(settings)


def copy_of(folder: Path, copy: Path) -> Path:
    """Copy a folder at rest, owners included."""
    subprocess.run(["cp", "-a", folder, copy], check=True)
    return copy


def copied(place: Place) -> Path:
    """Copy the data of a ledger at rest."""
    return copy_of(place.home / "postgres", place.home / "copy")


def put_back(place: Place, copy: Path) -> None:
    """Restore a copy as a careful operator would: what is there steps aside, so that its inodes stay taken."""
    (place.home / "postgres").rename(place.home / "postgres-before")
    copy_of(copy, place.home / "postgres")


def roll_back(place: Place, copy: Path) -> None:
    """Restore a copy as a volume's snapshot does: the files stay the same ones."""
    subprocess.run(["cp", "-a", f"{copy}/.", place.home / "postgres"], check=True)


# A ledger that stayed the same.


async def test_the_same_ledger_is_known_again_after_every_restart(place: Place) -> None:
    for _ in range(3):
        await place.work()
        await place.end()
        await place.begin()

    await place.open()


async def test_a_ledger_that_crashes_under_load_is_known_again(place: Place) -> None:
    """What was seen of a log that never reached the disk is not held against the ledger."""
    await place.do("CREATE TABLE load (text text)")
    for _ in range(3):
        await crash_under_load(place)
        await place.begin()

        await place.open()


async def crash_under_load(place: Place) -> None:
    async with (
        open_ledger(place.settings, purpose="test", size=6, unless_known="refuse") as opened,
        registered(opened.dsn, "sender", recognition=opened.recognition),
    ):
        filling = [asyncio.create_task(fill(opened.pool)) for _ in range(4)]
        await asyncio.sleep(1.3)
        kill_server(place)
        await asyncio.gather(*filling)


async def test_what_was_seen_is_noted_once_a_commit_has_followed(ledger_dsn: str) -> None:
    """A crash may take back whatever no commit has followed: that would be held against the ledger."""
    noted: list[int] = []

    class Watching:
        async def recognise(self, _: asyncpg.Connection) -> Sighting:
            return SEEN

        def note(self, _: Sighting) -> None:
            noted.append(process.id)

        async def close(self) -> None: ...

    process = Process(ledger_dsn, "sender", recognition=Watching())
    await process.register()
    await process.sign_off()

    assert noted == [process.id, process.id]
    assert process.id > 0


async def fill(pool: asyncpg.Pool) -> None:
    """Write much and commit nothing, so that the log's end is far from what is on disk."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await pool.execute("INSERT INTO load SELECT repeat('x', 7000) FROM generate_series(1, 2000000)")


def kill_server(place: Place) -> None:
    """Kill the server with all its processes, as the death of the machine would."""
    postmaster = ServerFiles.of(place.home).postmaster()
    assert postmaster is not None
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for pid in (postmaster, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def test_a_ledger_nothing_was_sent_from_may_be_moved_and_made_anew(folder: Path) -> None:
    place = Place(settings_in(folder))
    await create(place.home, durable=False)
    await ledger.init(place.settings)
    await place.open()
    await place.end()
    put_back(place, copied(place))
    await place.open()
    await place.end()
    shutil.rmtree(place.home / "postgres")
    await create(place.home, durable=False)
    await ledger.init(place.settings)

    await place.open()

    assert place.seen.identity.installation == await place.do("SELECT id FROM installation")


# A ledger that did not.


@pytest.mark.parametrize(
    ("restore", "differences"),
    [(put_back, [Difference.OLDER, Difference.COPIED]), (roll_back, [Difference.OLDER])],
    ids=["backup", "snapshot"],
)
async def test_an_earlier_copy_of_the_data_is_refused(
    place: Place, restore: Callable[[Place, Path], None], differences: list[Difference]
) -> None:
    await place.end()
    copy = copied(place)
    await place.work()
    await place.end()

    restore(place, copy)

    assert await place.refused() == words(*differences)


async def test_a_folder_restored_with_its_journal_is_refused_as_a_copy(place: Place) -> None:
    await place.end()
    backup = copy_of(place.home, place.home.with_name("backup"))
    await place.work()
    await place.end()
    place.home.rename(place.home.with_name("lost"))

    copy_of(backup, place.home)

    assert await place.refused() == words(Difference.COPIED)


async def test_another_timeline_is_refused(place: Place) -> None:
    await place.promote()

    assert await place.refused() == words(Difference.OTHER_TIMELINE)


async def test_a_clone_on_another_server_is_refused(elsewhere: Place, place: Place) -> None:
    for table in ("id", "person_key_check"):
        value = await elsewhere.do(f"SELECT {table} FROM installation")
        await place.do(f"UPDATE installation SET {table} = $1", value)

    clone = Place(settings_in(elsewhere.home.parent, database=await ledger.address(place.settings)))

    assert await clone.refused() == words(Difference.OTHER_SERVER)


async def test_another_installation_is_refused(elsewhere: Place) -> None:
    await elsewhere.do("UPDATE installation SET id = 'ffffffff'")

    assert await elsewhere.refused() == words(Difference.OTHER_INSTALLATION)


async def test_an_empty_ledger_in_the_place_of_a_used_one_is_refused(place: Place) -> None:
    """It would send to everybody again."""
    await place.end()
    shutil.rmtree(place.home / "postgres")
    await create(place.home, durable=False)
    await ledger.init(place.settings)

    assert await place.refused() == words(Difference.OTHER_INSTALLATION, Difference.OTHER_SERVER)


async def test_a_deleted_journal_is_a_refusal_and_db_init_is_no_way_round(elsewhere: Place) -> None:
    elsewhere.journal.path.unlink()
    await ledger.init(elsewhere.settings)

    assert await elsewhere.refused() == words(Difference.NEVER_SEEN)
    assert not elsewhere.journal.path.exists()


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", "\x00", '{"installation": "0123abcd"}', "[" * 100_000, None],
    ids=["empty", "cut off", "a list", "null", "NUL", "incomplete", "deep", "wrong type"],
)
async def test_a_damaged_journal_is_said_to_be_one(elsewhere: Place, damage: str | None) -> None:
    whole = elsewhere.journal.path.read_text()
    elsewhere.journal.path.write_text(whole.replace("1", '"1"') if damage is None else damage)

    assert await elsewhere.refused() == "what this machine knows of its ledger is damaged"


async def test_a_journal_that_cannot_be_read_is_no_missing_one(elsewhere: Place) -> None:
    elsewhere.journal.path.unlink()
    elsewhere.journal.path.mkdir()

    with pytest.raises(ConfigurationError, match=r"cannot be read \(Is a directory\)"):
        await elsewhere.open()


async def test_whoever_only_looks_is_warned_and_may(elsewhere: Place) -> None:
    await elsewhere.do("UPDATE installation SET id = 'ffffffff'")

    with capture_logs() as logs:
        async with open_ledger(elsewhere.settings, purpose="test") as opened:
            assert await opened.pool.fetchval("SELECT count(*) FROM run") == 1

    assert [(each["event"], each["why"]) for each in logs] == [
        ("ledger.not_ours", words(Difference.OTHER_INSTALLATION))
    ]


# A process that lives meanwhile.


async def test_a_failover_under_a_living_process_ends_it(place: Place) -> None:
    async def live() -> None:
        async with (
            open_ledger(place.settings, purpose="test", size=2, unless_known="refuse") as opened,
            registered(opened.dsn, "sender", recognition=opened.recognition),
        ):
            await place.promote()
            await asyncio.sleep(10)

    with pytest.raises(ConfigurationError, match="another timeline"):
        await live()


async def test_after_a_failover_nothing_is_marked_before_the_heartbeat_notices(place: Place) -> None:
    async with open_ledger(place.settings, purpose="test", size=2, unless_known="refuse") as opened:
        assert await opened.pool.fetchval("SELECT 1") == 1
        await place.promote()

        with pytest.raises(ConfigurationError, match="another timeline"):
            await reconnected(opened)


async def reconnected(opened: Ledger) -> None:
    """Ask until a new connection answers: the old one breaks first."""
    while True:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await opened.pool.fetchval("SELECT 1")
            return


async def test_a_process_goes_on_when_its_server_restarts(place: Place) -> None:
    async with (
        open_ledger(place.settings, purpose="test", size=2, unless_known="refuse") as opened,
        registered(opened.dsn, "sender", recognition=opened.recognition) as process,
    ):
        before = place.position
        await place.end()
        await place.begin()
        await asyncio.sleep(2.5)
        assert not process.lost.is_set()

    assert place.position > before > 0


# Several at once.


async def test_another_machine_needs_nothing_while_somebody_works_with_the_ledger(
    elsewhere: Place, tmp_path: Path
) -> None:
    (tmp_path / "second").mkdir()
    settings = settings_in(tmp_path / "second", database=await ledger.address(elsewhere.settings))
    second = Place(settings)
    second.home.mkdir()
    shutil.copy(elsewhere.home / "person_key", second.home)
    await second.refused()
    await elsewhere.do("INSERT INTO process (purpose, host, pid) VALUES ('sender', 'a clone has the rows too', 1)")
    await second.refused()

    async with registered(await ledger.address(elsewhere.settings), "receiver"):
        await second.open()

    await second.open()


async def test_processes_that_note_at_once_never_lower_the_position(tmp_path: Path) -> None:
    journal = IdentityJournal(tmp_path / "identity.json")
    kept = [0]

    def note(position: int) -> None:
        IdentityJournal(journal.path).note(at(position))
        floor = max(kept)
        seen = journal.read()
        assert seen is not None
        assert seen.identity.position is not None
        assert seen.identity.position >= max(floor, position)
        kept.append(seen.identity.position)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(note, [place ^ 7 for place in range(400)]))

    assert max(kept) == kept[-1] == 399
    assert files_in(tmp_path) == [("identity.json", 0o600)]


async def test_one_that_waited_long_for_its_disk_does_not_undo_what_came_without_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = IdentityJournal(tmp_path / "identity.json")
    fsync = os.fsync

    def slowly(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        journal.note(at(279))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", slowly)
    journal.note(at(270))

    assert journal.read() == at(279)
    assert files_in(tmp_path) == [("identity.json", 0o600)]


def at(position: int) -> Sighting:
    return replace(SEEN, identity=replace(SEEN.identity, position=position))


def files_in(folder: Path) -> list[tuple[str, int]]:
    return [(each.name, each.stat().st_mode & 0o777) for each in folder.iterdir()]


# A folder that takes nothing.


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


async def test_a_known_ledger_is_worked_with_though_nothing_can_be_noted(
    elsewhere: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IdentityJournal, "_draft", full)

    with capture_logs() as logs:
        await elsewhere.work()

    assert [(each["event"], each["reason"]) for each in logs] == [("ledger.not_noted", "No space left on device")]


async def test_a_ledger_that_could_never_be_known_again_is_not_begun(
    ledger_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(tmp_path, database=ledger_dsn)
    await ledger.init(settings)
    Place(settings).journal.path.unlink()
    monkeypatch.setattr(IdentityJournal, "_draft", full)

    with pytest.raises(ConfigurationError, match=r"cannot be written \(No space left on device\)"):
        await Place(settings).open()


# Adopting.


async def test_adopting_pauses_what_would_send_and_loses_nothing_that_was_on_its_way(elsewhere: Place) -> None:
    async with open_ledger(elsewhere.settings, purpose="test") as opened:
        rows = Rows(opened.pool)
        planned = await rows.run(campaign="planned", state="scheduled")
        resting = await rows.run(campaign="resting", state="paused", reason="command")
        flying = await rows.message(planned, "in_flight", row=1)
        elsewhere.journal.path.unlink()
        examined = await adopting.examine(elsewhere.settings)

        adopted = await adopting.adopt(elsewhere.settings, reason="the disk died", as_copy=False)

        assert examined.differences == in_words([Difference.NEVER_SEEN])
        assert adopted.paused == examined.runs == ["spring@once", "planned@once"]
        assert [await rows.run_state(run) for run in (planned, resting)] == [("paused", "ghost"), ("paused", "command")]
        assert (await rows.state(planned, flying), adopted.rescued) == ("unknown", 1)
        assert adopted.installation == opened.installation
        told = await opened.pool.fetch("SELECT name, run, detail->>'why' AS why FROM event ORDER BY name, run")
        assert [tuple(each) for each in told] == [
            ("ledger.adopted", None, "the disk died"),
            ("run.paused", 1, "the disk died"),
            ("run.paused", planned, "the disk died"),
        ]
    await elsewhere.open()


async def test_a_damaged_journal_can_be_adopted_over(elsewhere: Place) -> None:
    elsewhere.journal.path.write_text("{")
    assert (await adopting.examine(elsewhere.settings)).differences

    await adopting.adopt(elsewhere.settings, reason="a test", as_copy=False)

    await elsewhere.open()


async def test_a_copy_gets_an_id_of_its_own_unless_somebody_works_with_it(elsewhere: Place) -> None:
    was = await elsewhere.do("SELECT id FROM installation")
    async with registered(await ledger.address(elsewhere.settings), "receiver"):
        with pytest.raises(ConfigurationError, match=r"others work with this ledger \(processes: 1\)"):
            await adopting.adopt(elsewhere.settings, reason="staging", as_copy=True)

    adopted = await adopting.adopt(elsewhere.settings, reason="staging", as_copy=True)

    assert adopted.installation == await elsewhere.do("SELECT id FROM installation") != was
    await elsewhere.open()


async def test_a_machine_gets_to_know_a_ledger_in_use_without_stopping_it(elsewhere: Place) -> None:
    elsewhere.journal.path.write_text("{")
    async with registered(await ledger.address(elsewhere.settings), "sender"):
        adopted = await adopting.adopt(elsewhere.settings, reason="a second machine", as_copy=False)

    assert adopted.paused == []
    assert await elsewhere.do("SELECT state::text FROM run") == "running"
    await elsewhere.open()


async def test_the_first_webhook_about_a_forgotten_message_pauses_again(place: Place) -> None:
    """Restored, adopted and resumed too early: reality wins, and everything stops."""
    await place.end()
    copy = copied(place)
    await place.work()
    await place.end()
    put_back(place, copy)
    await place.refused()
    await adopting.adopt(place.settings, reason="the disk died", as_copy=False)
    async with open_ledger(place.settings, purpose="test", unless_known="refuse") as opened:
        assert await opened.pool.fetchval("SELECT reason FROM run") == "ghost"
        await opened.pool.execute("UPDATE run SET state = 'running', reason = NULL")
        public, row = await opened.pool.fetchrow("SELECT public_id, m.row FROM run JOIN message m ON m.run = run.id")
        receipts = Receipts(PostgresFeedback(opened.pool), installation=opened.installation, key=opened.person_key)

        said = Callback(opened.installation, public, row, 1)
        await receipts.apply([StatusFact("wamid.forgotten", "delivered", datetime.now(UTC), 0, callback=said)])

        assert await opened.pool.fetchval("SELECT state::text FROM message") == "accepted"
        assert tuple(await opened.pool.fetchrow("SELECT state::text, reason FROM run")) == ("paused", "ghost")
