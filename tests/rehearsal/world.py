"""One rehearsal's world: settings, people, a ledger, a simulated WhatsApp, a receiver, and the real commands."""

import asyncio
import json
import os
import secrets
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from campaign.adapters.postgres.database import connect
from campaign.adapters.postgres.server_files import ServerFiles
from tests.rehearsal.children import CAMPAIGN, PYTHON, Child, Children, Ended, until
from tests.rehearsal.privacy import leaks
from tests.rehearsal.simulated import SimulatedPlatform
from tests.rehearsal.spoken import DIALECTS, USER, Throughput, phone_number_id

__all__ = ["World", "phone_number_id"]

SECRETS = (
    "WHATSAPP_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "WHATSAPP_PASSWORD",
    "WHATSAPP_WEBHOOK_PATH",
)

# French mobile numbers; a thousand tests would not use them up.
FIRST_NUMBER = 33_612_000_000

# What the simulated account holds unless told otherwise, and a message that fills it in.
TEMPLATE = {"name": "launch_demo", "language": "en", "body": "Hello {{1}}, our new collection is here."}
MESSAGE = {
    "type": "template",
    "template": {
        "name": "launch_demo",
        "language": {"code": "en"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "{{ first_name }}"}]}],
    },
}


class World:
    """A folder with everything an installation has; `close` ends every process that was started here.

    The ledger must be in the folder already, or `campaign("db", "init")` makes one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / ".campaign"
        self.secrets = {name: secrets.token_urlsafe(32) for name in SECRETS}
        self.webhook_port, simulator_port = free_ports(2)
        self.platform = SimulatedPlatform(simulator_port)
        self.settings = folder / "config" / "settings.yaml"
        self.settings.parent.mkdir()
        self.environment = {**self.secrets, **USER, "CAMPAIGN_SETTINGS": str(self.settings)}
        self.children = Children(folder / "said", self.environment)
        self.people = 0
        self.configure()

    # What is in the folder.

    def configure(
        self,
        throughput: Sequence[Throughput] = (80,),
        *,
        dialect: str = "cloud",
        shards: Mapping[str, Any] | None = None,
        account: Mapping[str, Any] | None = None,
        **sections: object,
    ) -> None:
        """Write the settings: a number for each throughput, or On-Premises the `shards` of one client.

        `account` adds to the account's section; a member that is None is left out.
        """
        self._spoken = DIALECTS[dialect]
        written = {**self._spoken.account(self.platform.url), **(account or {})}
        said = {key: value for key, value in written.items() if value is not None}
        listed = self._spoken.shards(throughput, shards)
        # JSON is YAML, and needs no library to write.
        self.settings.write_text(json.dumps({"account": said, "shards": listed, **sections}, indent=1))

    def invite(self, count: int) -> str:
        """Write a CSV of so many people nobody has written to yet; returns its name."""
        path = self.settings.with_name(f"people-{self.people}.csv")
        numbers = range(FIRST_NUMBER + self.people, FIRST_NUMBER + self.people + count)
        path.write_text("phone,first_name\n" + "".join(f"+{number},Ada\n" for number in numbers))
        self.people += count
        return path.name

    def compose(self, name: str, people: str, **sections: Any) -> Path:
        """Write a campaign's file for the people in a CSV."""
        campaign = {
            "campaign": name,
            "audience": {"file": people},
            "consent": "recorded_elsewhere",
            "message": MESSAGE,
            "quality": {"settle": "2s"},
            **sections,
        }
        path = self.settings.with_name(f"{name}.yaml")
        path.write_text(json.dumps(campaign, indent=1))
        return path

    # Who is in it.

    def begin(self, profile: str = "instant", *, throughput: Sequence[Throughput] = (), **faults: object) -> None:
        """Start the receiver and the simulator; a throughput of the simulator for each shard, default unlimited."""
        self.serve()
        self.simulate(profile, throughput=throughput)
        if faults:
            self.platform.change(**faults)

    def serve(self) -> Child:
        """Start the receiver of webhooks."""
        command = (*CAMPAIGN, "serve", "--no-worker", "--port", str(self.webhook_port))
        receiver = self.children.start(command, name="serve")
        until(lambda: listens(self.webhook_port) or not receiver.running, what="the receiver listens")
        assert receiver.running, receiver.err.read_text()
        return receiver

    def simulate(self, profile: str = "instant", *, throughput: Sequence[Throughput] = ()) -> Child:
        """Start the simulator; On-Premises the first throughput is the client's."""
        webhook = f"http://127.0.0.1:{self.webhook_port}/webhook"
        options = {
            "port": self.platform.port,
            "profile": profile,
            "ledger": self.folder / "accepted.ndjson",
            **self._spoken.options(webhook, self.secrets),
        }
        listed = [f"--{name}={value}" for name, value in options.items()]
        listed += [f"--throughput={each}" for each in ("unlimited", *self._spoken.ceilings(throughput))]
        simulator = self.children.start((*PYTHON, "-m", "campaign.simulator", *listed), name="simulator")
        until(lambda: self.platform.answers() or not simulator.running, what="the simulator answers")
        assert simulator.running, simulator.err.read_text()
        return simulator

    # The real commands.

    def start(self, *words: str, sender: Sequence[str] = CAMPAIGN) -> Child:
        """Start `campaign WORDS`; `sender` may name a program that breaks something first."""
        return self.children.start((*sender, *words), name=words[0])

    def campaign(self, *words: str, within: float = 120) -> Ended:
        """Run `campaign WORDS` to its end."""
        return self.start(*words).end(within=within)

    def launch(self, campaign: Path, *more: str, sender: Sequence[str] = CAMPAIGN) -> Child:
        """Start `campaign launch` as cron would."""
        return self.start("launch", str(campaign), "--yes", "--json", *more, sender=sender)

    def sends(self, sender: Child, *, more_than: int, within: float = 60) -> None:
        """Wait until so many were accepted; fails at once if the sender has ended."""
        until(lambda: self.platform.accepted > more_than or not sender.running, within=within, what="it sends")
        assert self.platform.accepted > more_than, sender.err.read_text()

    def report(self, name: str) -> dict[str, Any]:
        """Ask for a run's report."""
        return self.campaign("report", name, "--json").json

    # What the ledger says.

    @property
    def server(self) -> ServerFiles:
        return ServerFiles.of(self.home)

    def rows(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Ask the ledger itself."""
        return asyncio.run(_ask(self.server.address.dsn, statement, values))

    def value(self, statement: str, *values: object) -> Any:
        """Ask the ledger for one value."""
        return self.rows(statement, *values)[0][0]

    def states(self) -> Mapping[str, int]:
        """Count messages by send state, over all runs."""
        return {row[0]: row[1] for row in self.rows("SELECT state::text, count(*)::int FROM message GROUP BY 1")}

    def hear_everything(self, *, within: float = 120) -> None:
        """Wait until every webhook was posted, kept and applied."""
        until(lambda: not self.platform.summary()["webhooks_pending"], within=within, every=0.1, what="all is told")
        left = "SELECT count(*) FROM webhook WHERE parsed_at IS NULL"
        until(lambda: not self.value(left), within=within, every=0.1, what="all is parsed")
        waiting = (
            """SELECT count(*) FROM fact AS f JOIN message AS m ON m.message_id = f.message_id WHERE f.run IS NULL"""
        )
        until(lambda: not self.value(waiting), within=within, every=0.2, what="no fact waits for its message")

    # The end of it.

    def close(self) -> None:
        """End every process that was started here."""
        self.children.end_all()

    def leaks(self) -> list[str]:
        """Say where a secret, a number or a message ID is in what was said."""
        said = [*self.children.folder.iterdir(), *self.home.glob("*.log*")]
        numbers = [str(FIRST_NUMBER + person) for person in range(self.people)]
        return leaks(said, secrets=self.secrets.values(), numbers=numbers)

    def unplug(self) -> None:
        """Kill the ledger's server as a power cut would."""
        postmaster = self.server.postmaster()
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Find ports nobody listens on; held together, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def _ask(dsn: str, statement: str, values: Sequence[object]) -> list[asyncpg.Record]:
    connection = await connect(dsn, purpose="rehearsal")
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()
