"""What the ledger tells `doctor`: webhooks, held and odd messages, and what WhatsApp said of the account."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from campaign.adapters.postgres.health import LedgerHealth, Overdue, Said, Unreadable
from campaign.bootstrap.finding import Finding
from campaign.domain.account_news import Effect, name_of, news
from campaign.domain.outcome import Outcome
from campaign.domain.portfolio import told
from campaign.ports import Usage
from campaign.settings import Settings

# Somebody who reads has read what is older.
PATIENCE_SECONDS: Final = 60.0

_READ_IN_PART: Final = (
    "nothing is lost: what could be read was applied, and the body is kept. If WhatsApp has changed its format, a "
    "newer version of this program may know it"
)
_RESUME: Final = "`campaign resume NAME` for each run it paused (`campaign status` lists them)"


def webhooks(health: LedgerHealth, *, alive: bool) -> Iterator[Finding]:
    """Tell what was received and not read, in full or at all; `alive`: somebody is there to read."""
    yield from (_unreadable(each) for each in health.unreadable)
    if more := health.quarantined - len(health.unreadable):
        yield Finding(f"{more:,} more webhooks of the last seven days could not be read in full", ok=False)
    waited = health.unparsed_seconds or 0.0
    if health.unparsed and (not alive or waited > PATIENCE_SECONDS):
        what = f"webhooks that wait to be read: {health.unparsed:,}, the oldest for {_age(waited)}"
        remedy = "see `webhook.parser_failed` in the log of `campaign serve`" if alive else "start `campaign serve`"
        yield Finding(what, ok=False, remedy=remedy)


def _unreadable(each: Unreadable) -> Finding:
    what = f"webhook {each.webhook}, received on {_when(each.received_at)}, could not be read in full"
    return Finding(what, ok=False, where=each.why.replace("\n", "; "), remedy=_READ_IN_PART)


def messages(health: LedgerHealth) -> Iterator[Finding]:
    """Tell of messages that wait for too long, and of those that should not be."""
    yield from (_overdue(each) for each in health.overdue)
    if health.ghosts:
        what = f"messages of the last seven days that this ledger did not send: {health.ghosts:,}"
        yield Finding(what, ok=False, remedy="find the other installation, or the restored copy, and stop it")
    if health.doubled:
        what = f"messages of the last seven days that WhatsApp gave two IDs: {health.doubled:,}"
        yield Finding(what, ok=False, remedy="somebody may have got two: tell WhatsApp's support")
    if health.conflicts:
        what = f"messages of the last seven days that were delivered and failed: {health.conflicts:,}"
        yield Finding(what, remedy="nothing: people have several devices, and delivered counts")
    if health.waiting_facts:
        what = f"statuses older than an hour that belong to no message here: {health.waiting_facts:,}"
        remedy = "nothing if another program sends from this account; else the ledger forgot messages that it sent"
        yield Finding(what, remedy=remedy)


def _overdue(each: Overdue) -> Finding:
    what = f"{each.run}: {each.messages:,} messages are held for WhatsApp's quality check since {_when(each.since)}"
    remedy = "see the template in WhatsApp Manager; they may still be sent, so do not send them again"
    return Finding(what, ok=False, remedy=remedy)


def portfolio(settings: Settings, used: Usage | None) -> Iterator[Finding]:
    """Tell how much of the portfolio's limit is used; nothing before somebody has sent."""
    if used is None:
        return
    where = settings.where("account", "portfolio_limit")
    if used.limit.source == "default":
        remedy = "write it as WhatsApp Manager shows it (Account tools > Messaging limits)"
        yield Finding(told(used.limit, used.counted), ok=False, where=where, remedy=remedy)
        return
    yield Finding(told(used.limit, used.counted), where=where)


def account(said: Sequence[Said], answers: Mapping[int, Outcome]) -> Iterator[Finding]:
    """Tell what WhatsApp said of templates, numbers and the account, as far as nothing later has taken its place."""
    seen = set()
    for each in said:
        if not each.ours:
            continue
        told = news(each.event, name_of(each.event, each.shards), answers)
        key = (told.topic, each.event.subject, each.event.language)
        is_over = key in seen or not (told.bad or told.remedy)
        seen.add(key)
        if is_over:
            continue
        pauses = told.effect not in {Effect.NOTE, Effect.OPEN_GATES}
        remedy = f"{told.remedy}; then {_RESUME}" if pauses else told.remedy
        yield Finding(f"{told.because} (said on {_when(each.at)})", ok=not told.bad, remedy=remedy)
    if foreign := sum(not each.ours for each in said):
        what = f"news of another WhatsApp Business account in the last seven days: {foreign:,}"
        yield Finding(what, remedy="nothing, if account.business_account_id in the settings is the right one")


def _when(at: datetime) -> str:
    return f"{at.astimezone():%d %b %Y %H:%M}"


def _age(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004 - minutes
