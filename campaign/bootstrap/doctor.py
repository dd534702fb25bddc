"""`campaign doctor`: what stands in the way of sending, each with its place and its remedy."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from campaign.adapters.postgres.health import look
from campaign.adapters.postgres.portfolios import PostgresPortfolios
from campaign.adapters.postgres.process import PostgresWatchman
from campaign.adapters.whatsapp.account import CloudAccount
from campaign.adapters.whatsapp.on_premises_account import OnPremisesAccount
from campaign.bootstrap import ledger_findings
from campaign.bootstrap.finding import Finding
from campaign.bootstrap.ledger import open_ledger, where_of
from campaign.bootstrap.preflight import number_findings
from campaign.bootstrap.serving import proof_of
from campaign.bootstrap.whatsapp import open_account, placed
from campaign.domain.answers import listed
from campaign.domain.errors import CampaignError
from campaign.domain.number_state import NumberState
from campaign.settings import Settings

__all__ = ["Finding", "client_count", "examine", "numbers", "sent_status"]


async def examine(settings: Settings, *, fix: bool) -> AsyncIterator[Finding]:
    """Look at everything that sending needs; with `fix`, put right what a program can."""
    yield Finding(f"the settings can be read: {settings.where().rsplit(':', 2)[0]}")
    for look_at in (_webhooks, _ledger, _whatsapp):
        async for finding in _safely(look_at, settings):
            yield finding
    if settings.account.dialect == "on_premises":
        async for finding in _safely(lambda it: _client(it, fix=fix), settings):
            yield finding


async def _safely(look_at: Callable[[Settings], AsyncIterator[Finding]], settings: Settings) -> AsyncIterator[Finding]:
    try:
        async for finding in look_at(settings):
            yield finding
    except CampaignError as error:
        yield Finding(error.message, ok=False, where=_place(settings, error.where), remedy=error.remedy)


def _place(settings: Settings, where: str | None) -> str | None:
    """Turn a path in the settings into a place in their file; leave every other place as it is."""
    if where is None or not where.startswith(("account", "shards")):
        return where
    return settings.where(*where.split("."))


async def _webhooks(settings: Settings) -> AsyncIterator[Finding]:
    proof_of(settings)
    yield Finding("webhooks can be told from forgeries")


async def _ledger(settings: Settings) -> AsyncIterator[Finding]:
    async with open_ledger(settings, purpose="campaign doctor", size=2) as ledger:
        yield Finding(f"the ledger answers, its schema is this program's: {where_of(settings)}")
        alive = await PostgresWatchman(ledger.pool, process=0).receiver_alive()
        remedy = "start `campaign serve`: without it nothing is known of delivery, and a held message pauses its run"
        yield (
            Finding("a receiver of webhooks is running")
            if alive
            else Finding("no receiver of webhooks is running", ok=False, remedy=remedy)
        )
        health = await look(ledger.pool, [shard.id for shard in settings.shards])
        usage = await PostgresPortfolios(ledger.pool).usage(settings.account.portfolio_id)
    for shard, code in health.stopped.items():
        remedy = "`campaign resume` of a run on it lets it send again, once that is put right"
        yield Finding(f"shard {shard} is stopped", ok=False, where=_shard(settings, shard), remedy=remedy, code=code)
    for finding in (
        *ledger_findings.webhooks(health, alive=alive),
        *ledger_findings.messages(health),
        *ledger_findings.portfolio(settings, usage),
        *ledger_findings.account(health.news, listed(settings.account.dialect, settings.answers)),
    ):
        yield finding


def _shard(settings: Settings, name: str) -> str:
    names = [shard.id for shard in settings.shards]
    return settings.where("shards", names.index(name))


async def _whatsapp(settings: Settings) -> AsyncIterator[Finding]:
    with placed(settings):
        async with open_account(settings) as account:
            if not isinstance(account, CloudAccount):
                await account.check(shards=len(settings.shards))
                yield Finding("the client lets us in, and is connected to WhatsApp")
                return
            states = await account.numbers({shard.id: shard.address for shard in settings.shards})
            untold = await account.untold_templates()
    for finding in numbers(settings, states):
        yield finding
    yield (
        Finding("the account's templates can be read")
        if untold is None
        else Finding(f"no campaign's template can be checked: {untold.what}", ok=False, remedy=untold.remedy)
    )


def numbers(settings: Settings, states: Mapping[str, NumberState]) -> Iterator[Finding]:
    """Tell how each number is, in the words of a plan where something is wrong with it."""
    found = number_findings(settings, states)
    for shard, state in states.items():
        if not any(each == shard for each, _ in found):
            told = ", ".join(word.lower() for word in (state.status, state.quality, state.throughput) if word)
            yield Finding(f"the number of shard {shard} is there" + (f": {told}" if told else ""))
    for _, each in found:
        yield Finding(each.what, ok=False, where=each.where, remedy=each.remedy)


async def _client(settings: Settings, *, fix: bool) -> AsyncIterator[Finding]:
    async with open_account(settings) as account:
        if not isinstance(account, OnPremisesAccount):
            return
        yield client_count(settings, await account.shards())
        if settings.account.access_token is not None:
            return
        yield await sent_status(account, fix=fix)


def client_count(settings: Settings, count: int | None) -> Finding:
    """Compare the client's shards with the settings'."""
    ours = len(settings.shards)
    if count is None:
        return Finding("the client does not say how many shards it has")
    if count == ours:
        return Finding(f"shards: {ours}, in the settings and at the client")
    what = f"shards: {ours} in the settings, {count} at the client"
    return Finding(what, ok=False, where=settings.where("shards", "count"), remedy=f"write count: {count}")


async def sent_status(account: OnPremisesAccount, *, fix: bool) -> Finding:
    """See whether the client tells what was sent; with `fix`, have it do so."""
    if await account.sent_status():
        return Finding("the client tells what was sent (sent_status)")
    if not fix:
        remedy = "run `campaign doctor --fix` to switch it on"
        return Finding("the client's webhooks do not tell what was sent (sent_status is off)", ok=False, remedy=remedy)
    await account.set_sent_status()
    return Finding("the client tells what was sent (sent_status): switched on just now")
