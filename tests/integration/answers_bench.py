"""A shard and a run for each code, the real client and the real simulator between them and a real ledger."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg

from campaign.adapters.clock import BootClock
from campaign.adapters.postgres.gates import PostgresGates
from campaign.adapters.postgres.judging import PostgresJudgements
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.media import PostgresMedia
from campaign.adapters.postgres.portfolios import PostgresPortfolios
from campaign.adapters.postgres.process import PostgresWatchman
from campaign.adapters.whatsapp.client import WhatsAppClient
from campaign.adapters.whatsapp.cloud import CloudWire
from campaign.adapters.whatsapp.grants import FixedToken
from campaign.adapters.whatsapp.on_premises import OnPremisesWire
from campaign.adapters.whatsapp.session import open_session
from campaign.adapters.whatsapp.wire import table_of
from campaign.bootstrap.sending import Housekeeping
from campaign.composing import MessageComposer
from campaign.dispatch import Dispatcher, Lane
from campaign.domain.answers import Action, Dialect
from campaign.judging import Judge
from campaign.simulator.options import Options
from campaign.simulator.profile import Profile
from campaign.simulator.server import Simulator
from campaign.simulator.throughput import Ceilings
from tests.integration.answers_expected import Expected
from tests.integration.planning import register
from tests.integration.rows import Rows

PATIENCE_SECONDS = 22
LOOK_SECONDS = 0.3
CEILING = 80.0

TEXT = {"message": {"type": "text", "text": {"body": "hello"}}, "category": "marketing"}

T = TypeVar("T")


@dataclass(frozen=True)
class Bench:
    """A ledger, and one run with two messages on a shard of its own for each code."""

    pool: asyncpg.Pool
    rows: Rows

    async def seed(self, codes: Iterable[int]) -> None:
        for code in codes:
            run = await self.add_run(code)
            other = await self.add_run(code, name="other", state="paused", reason="command")
            await self.add(run, code, 1)
            await self.add(run, code, 2)
            await self.add(other, code, 1)

    async def add_run(self, code: int, name: str = "run", **more: Any) -> int:
        return await self.rows.run(
            **{
                "campaign": f"{name} {code}",
                "portfolio": f"portfolio {code}",
                "template": f"template {code}",
                "definition": TEXT,
                "shards": [shard(code)],
                **more,
            }
        )

    async def add(self, run: int, code: int, person: int, number: str | None = None) -> int:
        return await self.rows.message(
            run, shard=shard(code), person=f"{person} of {code}".encode(), number=number or f"+{digits(code, person)}"
        )

    async def found(self, codes: Iterable[int]) -> dict[int, Expected]:
        return {code: await self._found(code) for code in codes}

    async def _found(self, code: int) -> Expected:
        row = await self.pool.fetchrow(FOUND, f"run {code}", f"other {code}", shard(code), f"1 of {code}".encode())
        assert row is not None
        (first, second), waits = row["states"], round(row["waits"] or 0)
        return Expected(
            first,
            second,
            row["state"],
            row["reason"],
            stopped=row["stopped_code"] == code,
            lowered=row["lowered"] is not None,
            suppressed=row["scope"],
            elsewhere=row["elsewhere"],
            waits=waits,
            attempts=row["attempt"],
        )


FOUND = """
SELECT r.state::text, r.reason, s.stopped_code, s.lowered, u.scope, f.attempt,
       CASE WHEN f.state = 'pending' AND f.not_before - f.settled_at > interval '1500 ms'
            THEN extract(epoch FROM f.not_before - f.settled_at)::float8 END AS waits,
       ARRAY(SELECT m.state::text FROM message AS m WHERE m.run = r.id ORDER BY m.row) AS states,
       (SELECT m.state::text FROM message AS m JOIN run AS o ON o.id = m.run WHERE o.campaign = $2) AS elsewhere
  FROM run AS r
  JOIN shard AS s ON s.id = $3
  JOIN message AS f ON f.run = r.id AND f.person = $4
  LEFT JOIN suppression AS u ON u.person = $4
 WHERE r.campaign = $1
"""


def shard(code: int) -> str:
    return f"shard-{code}"


def digits(code: int, person: int) -> str:
    return f"336{person}{code:07}"


@asynccontextmanager
async def sending(
    bench: Bench,
    dialect: Dialect,
    codes: Iterable[int],
    profile: Profile,
    answers: Mapping[int, Action] | None = None,
) -> AsyncIterator[Simulator]:
    """Dispatch over every code's shard, one message at a time, to a simulator of this dialect."""
    lanes = [Lane(id=shard(code), address=str(10**9 + code), ceiling=CEILING, max_in_flight=1) for code in codes]
    process = await register(bench.pool)
    store = PostgresLedger(bench.pool, process=process)
    await store.introduce_shards({lane.id: lane.address for lane in lanes})
    options = Options(profile=profile, throughput=Ceilings(None), dialect=dialect)
    async with Simulator(options) as simulator, open_session() as session:
        base_url, table = f"http://127.0.0.1:{simulator.port}", table_of(dialect, answers)
        wire = (
            CloudWire(table, base_url=base_url, version="v23.0")
            if dialect == "cloud"
            else OnPremisesWire(table, base_url=base_url)
        )
        client = WhatsAppClient(session, wire=wire, credentials=FixedToken(Key()))
        dispatcher = Dispatcher(
            lanes,
            store=store,
            api=client,
            composer=MessageComposer(PostgresMedia(bench.pool), client, dialect=dialect),
            clock=BootClock(),
            installation="0123abcd",
            housekeeping=Housekeeping(
                PostgresWatchman(bench.pool, process=process),
                PostgresGates(bench.pool),
                Judge(PostgresJudgements(bench.pool, process=process), BootClock()),
                PostgresPortfolios(bench.pool),
            ),
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(dispatcher.run())
            yield simulator
            dispatcher.drain()


class Key:
    """A token that nobody checks."""

    def reveal(self) -> str:
        return "key"

    def reread(self) -> bool:
        return False


async def settled(bench: Bench, expected: Mapping[int, Expected]) -> dict[int, Expected]:
    """Wait until everything is as expected; give what is there when patience ends."""
    return await _patiently(lambda: bench.found(expected), lambda found: found == expected)


async def ended(bench: Bench, run: int) -> tuple[str, str | None]:
    """Wait until a run is paused or finished; give its state and reason."""
    return await _patiently(lambda: bench.rows.run_state(run), lambda found: found[0] in {"paused", "finished"})


async def _patiently(look: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_SECONDS
    while True:
        found = await look()
        if is_so(found) or loop.time() > deadline:
            return found
        await asyncio.sleep(LOOK_SECONDS)


def answering(codes: Iterable[int], status: Mapping[int, int] | None = None) -> Profile:
    """Answer each code's first person with it, once."""
    return Profile(answers={digits(code, 1): (code,) for code in codes}, http_status=dict(status or {}))
