"""Planning by the real command: `campaign plan` over a query, in one process and in two, on the embedded ledger.

Budget: 15,000 recipients a second in one process and 25,000 in two (each plans half), 200 MB of memory in each, and a
line of progress every 10 seconds. Rows are numbers of six countries as people write them, with three variables.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from benchmarks.place import Place, place
from benchmarks.waiting import free_port, wait_for
from campaign.adapters.postgres.database import connect
from campaign.adapters.postgres.server_files import ServerFiles

ONE, TWO, MEMORY, SILENCE = 15_000, 25_000, 200, 10
FEW = 10

SETTINGS = """\
account:
  base_url: http://127.0.0.1:{port}
  version: v23.0
  business_account_id: "102290129340398"
  access_token: ${{WHATSAPP_TOKEN}}
shards:
  - {{id: paris, phone_number_id: "106540352242922", throughput: 80}}
  - {{id: lyon, phone_number_id: "106540352242923", throughput: 40}}
"""
CAMPAIGN = """\
campaign: {name}
audience: {{query: "SELECT phone, first_name, city FROM customer WHERE {rows}"}}
consent: recorded_elsewhere
message:
  type: template
  template:
    name: launch_demo
    language: {{code: en}}
    components:
      - type: body
        parameters: [{{type: text, text: "{{{{ first_name }}}} of {{{{ city | default('nowhere') }}}}"}}]
"""
FILL = """
CREATE TABLE customer AS
SELECT n, (ARRAY['+33 6 1' || substr(digits, 1, 1) || ' ' || substr(digits, 2), '+44 7400 ' || right(digits, 6),
                 '0049 1512 3' || right(digits, 6), '+34-61' || digits, '+55 11 98' || digits,
                 '+91 98' || '1' || digits])[1 + n % 6] AS phone,
       'Zoé ' || n AS first_name, 'Lyon' AS city
  FROM generate_series(0, $1::int - 1) AS n, LATERAL (SELECT lpad((n / 6)::text, 7, '0') AS digits) AS d
"""


class Planned(NamedTuple):
    """What planning took: seconds of the whole command, its most memory, and when it said how far it was."""

    rows: int
    seconds: float
    megabytes: float
    told_at: Sequence[datetime]
    began: datetime
    ended: datetime

    @property
    def silence(self) -> float:
        """The longest time it said nothing."""
        times = sorted([self.began, *self.told_at, self.ended])
        return max((later - sooner).total_seconds() for sooner, later in pairwise(times))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    port = free_port()
    with place(SETTINGS.format(port=port)) as here, _simulated(here, port):
        asyncio.run(_fill(ServerFiles.of(here.folder / ".campaign").address.dsn, rows))
        (few,) = _plan(here, {"few": f"n < {FEW}"})
        (alone,) = _plan(here, {"all": "true"})
        halves = _plan(here, {"even": "n % 2 = 0", "odd": "n % 2 = 1"})
    _tell(rows, few, alone, halves)


def _tell(rows: int, few: Planned, alone: Planned, halves: Sequence[Planned]) -> None:
    start_up = f"start-up of {few.seconds:.1f} s taken off"
    one = (alone.rows - FEW) / (alone.seconds - few.seconds)
    two = (sum(each.rows for each in halves) - 2 * FEW) / (max(each.seconds for each in halves) - few.seconds)
    print(f"one process: {one:,.0f} rows/s (budget {ONE:,}); {rows:,} rows in {alone.seconds:.1f} s, {start_up}")
    print(f"two processes: {two:,.0f} rows/s (budget {TWO:,}); half the rows each, at once")
    most = max(each.megabytes for each in (alone, *halves))
    print(f"peak resident memory: {most:.0f} MB (budget {MEMORY}); {few.megabytes:.0f} MB with {FEW} rows")
    print(f"progress: {len(alone.told_at)} lines, never silent for more than {alone.silence:.1f} s (budget {SILENCE})")


def _plan(here: Place, audiences: dict[str, str]) -> list[Planned]:
    """Plan a campaign for each audience, all at once."""
    files = [here.write(f"{name}.yaml", CAMPAIGN.format(name=name, rows=rows)) for name, rows in audiences.items()]
    logs = [file.with_suffix(".log") for file in files]
    began, clock = datetime.now().astimezone(), time.monotonic()
    commands = [here.start("plan", str(file), "--json", log=log) for file, log in zip(files, logs, strict=True)]
    return [_planned(*each, began=began, clock=clock) for each in zip(commands, logs, strict=True)]


def _planned(command: "subprocess.Popen[str]", log: Path, *, began: datetime, clock: float) -> Planned:
    """Wait for one; the kernel knows the most memory it held. It prints no more than a pipe holds."""
    _, status, used = os.wait4(command.pid, 0)
    seconds, said = time.monotonic() - clock, command.communicate()[0]
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    report = json.loads(said or "{}")
    if status or not report.get("go") or report["planned"] != report["audience"]:
        sys.exit(f"a plan ended with {status}: {said[:2000]}\n{log.read_text(encoding='utf-8')[-2000:]}")
    told = [datetime.fromisoformat(line["timestamp"]) for line in lines if line["event"] == "plan.reading"]
    return Planned(report["planned"], seconds, used.ru_maxrss / 1024, told, began, datetime.now().astimezone())


@contextmanager
def _simulated(here: Place, port: int) -> Iterator[None]:
    simulate = ("simulate", "--profile", "instant", "--port", str(port), "--throughput", "80")
    with here.start(*simulate) as simulator:
        try:
            wait_for(port, simulator)
            yield
        finally:
            simulator.terminate()


async def _fill(dsn: str, rows: int) -> None:
    connection = await connect(dsn)
    await connection.fetch(FILL, rows)
    await connection.execute("ANALYZE customer")
    await connection.close()


if __name__ == "__main__":
    main()
