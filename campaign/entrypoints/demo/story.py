"""The story: a campaign of 5,000 rows, the death of its sender, and what nobody got twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from campaign.bootstrap import ledger
from campaign.bootstrap.intent import Intent
from campaign.bootstrap.looking import report_run, watch_run
from campaign.bootstrap.rehearsal import rehearse
from campaign.domain.errors import CampaignError, ConfigurationError
from campaign.domain.verdict import FINISHED_WITH_DOUBTS
from campaign.entrypoints.demo.children import Child, Children
from campaign.entrypoints.demo.narration import Narrator, Timed
from campaign.entrypoints.demo.stage import SECRETS, Stage
from campaign.entrypoints.demo.verdict import Ending
from campaign.report import RunReport

SEED: Final = "7"
LOOK_SECONDS: Final = 0.1

# For the last webhooks: the simulator tells them up to nine seconds after the message.
NEWS_SECONDS: Final = 20.0


async def tell() -> Ending:
    """Play the demo; leaves no process and no file behind, however it ends."""
    narrator = Narrator()
    narrator.act("A campaign on this machine: a made-up WhatsApp, made-up people, the real program")
    async with _theatre(narrator) as theatre:
        await _set_up(theatre)
        planned = await _plan(theatre)
        await _send_until_half(theatre, planned)
        caught = await _look_at_the_scene(theatre)
        await _launch_again(theatre)
        return await _settle_accounts(theatre, caught)


@dataclass(frozen=True, slots=True)
class Theatre:
    """What every act needs."""

    narrator: Narrator
    stage: Stage
    children: Children
    http: aiohttp.ClientSession

    @property
    def name(self) -> str:
        return self.stage.campaign.campaign

    async def summary(self) -> dict[str, Any]:
        """Ask the simulator what it accepted."""
        url = f"{self.stage.settings.account.base_url}/_simulator/summary"
        async with self.http.get(url) as answer:
            told: dict[str, Any] = await answer.json()
            return told

    async def report(self) -> RunReport:
        """Ask the ledger."""
        return await report_run(self.stage.settings, self.name)


@asynccontextmanager
async def _theatre(narrator: Narrator) -> AsyncIterator[Theatre]:
    stage = Stage.build()
    children = Children(stage)
    try:
        async with aiohttp.ClientSession(trust_env=False, timeout=aiohttp.ClientTimeout(total=10)) as http:
            yield Theatre(narrator, stage, children, http)
    finally:
        await children.end()
        with suppress(CampaignError):
            await ledger.stop(stage.settings)
        stage.strike()
        narrator.say(f"[dim]Every process is stopped and every file removed, after {narrator.seconds:.0f} s.[/]")


async def _set_up(at: Theatre) -> None:
    at.narrator.act("1. The stage")
    with Timed(at.narrator, "campaign db init    the ledger: an embedded Postgres"):
        await ledger.init(at.stage.settings)
    with Timed(at.narrator, "campaign serve      receives WhatsApp's webhooks"):
        serve = await at.children.start("serve", "--port", "0", "--no-worker")
        webhook = f"http://127.0.0.1:{(await serve.said())['port']}/webhook"
    with Timed(at.narrator, "campaign simulate   a WhatsApp that loses answers and holds messages back"):
        token, app_secret, verify_token = SECRETS
        secrets = ("--token-env", token, "--secret-env", app_secret, "--verify-env", verify_token)
        ceilings = [f"--throughput={each.address}={each.throughput:g}" for each in at.stage.settings.shards]
        options = ("--profile", str(at.stage.profile_path), "--seed", SEED, "--webhook", webhook, *secrets, *ceilings)
        simulator = await at.children.start("simulate", *options)
        at.stage.connect_to((await simulator.said())["port"])


async def _plan(at: Theatre) -> int:
    at.narrator.act("2. The plan: 5,000 rows as people write them")
    at.narrator.command("campaign plan campaign.yaml")
    intent = Intent(at.stage.settings, at.stage.campaign, at.stage.campaign_path)
    plan = await rehearse(intent, lambda *_: None)
    at.narrator.show_plan(plan)
    if plan.planned is None:
        raise CampaignError("the demo's own plan is a no-go", remedy="please report it")
    return plan.planned.planned


async def _send_until_half(at: Theatre, planned: int) -> None:
    at.narrator.act("3. The launch: two numbers, 100 messages a second each")
    sender = await _launch(at)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_show(at, sender, stop))
        await _until(lambda: _half_sent(at, sender, planned))
        sender.kill()
        stop.set()
    if await sender.ended() >= 0:
        raise sender.failed()
    at.narrator.bang(f"kill -9 {sender.pid}")
    at.narrator.say("The sender is dead in mid-sentence: no clean-up, no last words.")


async def _look_at_the_scene(at: Theatre) -> int:
    at.narrator.act("4. What is known")
    report, summary = await at.report(), await at.summary()
    caught = report.send["in_flight"]
    at.narrator.say(f"The ledger knows of [bold]{report.send['accepted']:,}[/] messages that WhatsApp took.")
    at.narrator.say(f"WhatsApp itself has taken [bold]{summary['accepted']:,}[/].")
    at.narrator.say(
        f"[bold yellow]{caught}[/] were on their way: noted before they left, their answers never written down."
    )
    at.narrator.say("Send them again? Somebody gets two. Forget them? Somebody gets none.")
    at.narrator.say("Neither is done. They become [bold]unknown[/], and WhatsApp's webhooks, which carry")
    at.narrator.say("our mark, say what became of them.")
    return caught


async def _launch_again(at: Theatre) -> None:
    at.narrator.act("5. The same command again")
    sender = await _launch(at)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_show(at, sender, stop))
        code = await sender.ended()
        stop.set()
    report = await at.report()
    if report.state != "finished":
        raise sender.failed()
    at.narrator.say("It went on where the dead one stopped, and finished.")
    if code == FINISHED_WITH_DOUBTS:
        at.narrator.say(f"Its exit code is {code}: done, and somebody should look at what is unknown.")


async def _settle_accounts(at: Theatre, caught: int) -> Ending:
    at.narrator.act("6. The last webhooks, and the accounts")
    with Timed(at.narrator, "everything that WhatsApp had to tell has been told"):
        async with _patience():
            await _until(lambda: _all_told(at))
    return Ending(await at.report(), await at.summary(), caught)


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    """Wait for news, and go on without it after a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(NEWS_SECONDS):
            yield


async def _launch(at: Theatre) -> Child:
    at.narrator.command("campaign launch campaign.yaml --yes")
    return await at.children.start("launch", str(at.stage.campaign_path), "--yes", "--json")


async def _show(at: Theatre, sender: Child, stop: asyncio.Event) -> None:
    """Show the run as it goes on, from the ledger, as anybody else on this machine could."""
    await _until(lambda: _is_planned(at, sender))
    if sender.over:
        return
    screen = at.narrator.screen(stop)
    try:
        await watch_run(at.stage.settings, at.name, screen, stop)
    finally:
        screen.close()


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    while not await true():  # noqa: ASYNC110 - other processes decide it, and no event of theirs reaches us
        await asyncio.sleep(LOOK_SECONDS)


async def _half_sent(at: Theatre, sender: Child, planned: int) -> bool:
    return sender.over or (await at.summary())["accepted"] >= planned / 2


async def _all_told(at: Theatre) -> bool:
    """Say whether no webhook is under way, and the ledger has made something of all of them."""
    summary = await at.summary()
    return not summary["webhooks_pending"] and (await at.report()).send["accepted"] >= summary["accepted"]


async def _is_planned(at: Theatre, sender: Child) -> bool:
    try:
        return sender.over or (await at.report()).state == "running"
    except ConfigurationError:
        return False
