"""Signed statuses into one receiver, by default beside a campaign that sends 1,000 messages a second.

Budget: 5,000 statuses a second, half of the POSTs with one and three on average; median answer 250 ms, fewer than 1 %
over 1 s. What is answered is committed; it is applied afterwards, and the backlog says how far behind.
"""

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.place import MESSAGE, Place, place
from benchmarks.posting import SECRET, most_messages
from benchmarks.spent import Spent, peak_megabytes, postmaster_of
from benchmarks.waiting import free_port, wait_for
from campaign.adapters.postgres.database import connect
from campaign.adapters.postgres.server_files import ServerFiles

VERIFY = "WHATSAPP_VERIFY_TOKEN"

SETTINGS = """\
account:
  base_url: http://127.0.0.1:{simulator}
  version: v23.0
  business_account_id: "102290129340398"
  access_token: ${{WHATSAPP_TOKEN}}
  app_secret: ${{WHATSAPP_APP_SECRET}}
  verify_token: ${{WHATSAPP_VERIFY_TOKEN}}
shards:
  - {{id: paris, phone_number_id: "106540352242922", throughput: {throughput}}}
"""

FILL_RUN = """
INSERT INTO run (campaign, key, state, definition, fingerprints, portfolio, template, templates, when_held,
                 held_limit, tolerate, settle, shards)
VALUES ('measured', 'once', 'finished', '{}', '{}', 'main', 'sale', '{sale}', 'wait', '24 h', 0.02, '60 s', '{paris}')
RETURNING id, public_id::text
"""
FILL_MESSAGES = """
INSERT INTO message (run, row, person, shard, state, attempt, marked_by, marked_at, settled_at, message_id, content,
                     number, variables)
SELECT $1::bigint, n, sha256(n::text::bytea), 'paris', 'accepted', 1, 1, now(), now(),
       'wamid.' || encode(sha256(n::text::bytea), 'base64'), 'content', '+1', '{"first_name": "Ada"}'
  FROM generate_series(1, $2::int) AS n
"""

APPLIED = "SELECT count(*) FROM fact WHERE run = $1"
WAITING = "SELECT count(*) FROM webhook WHERE parsed_at IS NULL"
CAMPAIGN = "campaign: beside\naudience: {file: people.csv}\nconsent: recorded_elsewhere\n" + MESSAGE


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=5200, help="statuses a second")
    parser.add_argument("--sending", type=int, default=1000, help="messages a second beside it; 0 for none")
    asked = parser.parse_args()
    os.environ.update({SECRET: secrets.token_hex(16), VERIFY: secrets.token_hex(16)})
    receiver, simulator = (free_port() for _ in range(2))
    with place(SETTINGS.format(simulator=simulator, throughput=asked.sending or 80)) as here:
        run = asyncio.run(_fill(_dsn(here), most_messages(asked.rate, asked.seconds)))
        with _serving(here, receiver) as serve, _sending(here, simulator, asked.sending, asked.seconds) as sender:
            before = Spent.of(serve.pid, postmaster_of(here.folder))
            seen = _posted(here, receiver, run, rate=asked.rate, seconds=asked.seconds)
            applied = asyncio.run(_ask(_dsn(here), APPLIED, run["id"]))
            drained = asyncio.run(_drain(_dsn(here)))
            spent = before.until(Spent.of(serve.pid, postmaster_of(here.folder)), seen["statuses"])
            _tell(seen, applied=applied, drained=drained, memory=peak_megabytes(serve.pid))
            if sender is None:
                print(f"CPU a status: {spent}")
            else:
                _tell_sent(json.loads(sender.communicate()[0]))


def _tell(seen: Mapping[str, Any], *, applied: int, drained: float, memory: float) -> None:
    print(
        f"answered 200: {seen['statuses'] / seen['seconds']:,.0f} statuses/s in {seen['posts']:,} POSTs"
        f" ({seen['refused']} refused); median {seen['median'] * 1000:.0f} ms, p99 {seen['p99'] * 1000:.0f} ms,"
        f" {seen['slow']:.2%} over 1 s"
    )
    print(
        f"applied meanwhile: {applied / seen['seconds']:,.0f}/s; backlog {seen['statuses'] - applied:,} at the end,"
        f" drained {drained:.1f} s later; receiver's peak memory {memory:.0f} MB"
    )


def _tell_sent(report: Mapping[str, Any]) -> None:
    paris = report["throughput"]["paris"]
    print(f"sent beside it: {report['send']['accepted']:,} at {paris['mean']:,.0f}/s of {paris['ceiling']:,.0f}/s")


def _dsn(here: Place) -> str:
    return ServerFiles.of(here.folder / ".campaign").address.dsn


async def _fill(dsn: str, messages: int) -> Mapping[str, Any]:
    """Put an accepted message there for whatever will be heard of."""
    connection = await connect(dsn)
    run = await connection.fetchrow(FILL_RUN)
    await connection.execute(FILL_MESSAGES, run["id"], messages)
    await connection.execute("ANALYZE")
    installation = await connection.fetchval("SELECT id FROM installation")
    await connection.close()
    return {"id": run["id"], "run": run["public_id"], "installation": installation}


async def _ask(dsn: str, statement: str, *values: object) -> int:
    connection = await connect(dsn)
    try:
        return int(await connection.fetchval(statement, *values))
    finally:
        await connection.close()


async def _drain(dsn: str) -> float:
    started = time.monotonic()
    while await _ask(dsn, WAITING):  # noqa: ASYNC110 - the ledger of another process is asked
        await asyncio.sleep(0.1)
    return time.monotonic() - started


@contextmanager
def _serving(here: Place, port: int) -> Iterator["subprocess.Popen[str]"]:
    with here.start("serve", "--no-worker", "--port", str(port)) as serve:
        try:
            wait_for(port, serve)
            yield serve
        finally:
            serve.terminate()


@contextmanager
def _sending(here: Place, port: int, rate: int, seconds: float) -> Iterator["subprocess.Popen[str] | None"]:
    """Send so many messages a second to a simulator that says nothing of them, for a little longer than we measure."""
    if not rate:
        yield None
        return
    count = int(rate * (seconds + 5))
    here.write("people.csv", "phone,first_name\n" + "".join(f"+336{12000000 + n},Ada\n" for n in range(count)))
    file = here.write("campaign.yaml", CAMPAIGN)
    simulate = ("simulate", "--profile", "instant", "--port", str(port), "--throughput", "unlimited")
    with here.start(*simulate) as simulator:
        try:
            wait_for(port, simulator)
            with here.start("launch", str(file), "--yes", "--json") as sender:
                departed = "SELECT count(*) FROM run WHERE campaign = 'beside' AND first_departure_at IS NOT NULL"
                while sender.poll() is None and not asyncio.run(_ask(_dsn(here), departed)):
                    time.sleep(0.1)
                yield sender
        finally:
            simulator.terminate()


def _posted(here: Place, port: int, run: Mapping[str, Any], *, rate: float, seconds: float) -> Any:  # noqa: ANN401 - JSON
    options = {"port": port, "rate": rate, "seconds": seconds, "run": run["run"], "installation": run["installation"]}
    words = [sys.executable, "-m", "benchmarks.posting", *(f"--{name}={value}" for name, value in options.items())]
    done = subprocess.check_output(words, env=dict(here.environment), cwd=Path(__file__).parents[1])
    return json.loads(done)


if __name__ == "__main__":
    main()
