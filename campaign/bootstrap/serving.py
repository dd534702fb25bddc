"""What `campaign serve` needs behind its doors."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg

from campaign.adapters.postgres.database import open_pool
from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.housekeeping import PostgresAttic
from campaign.adapters.postgres.intake import PostgresIntake
from campaign.adapters.postgres.process import registered
from campaign.bootstrap.hearing import receipts_of
from campaign.bootstrap.ledger import Ledger, open_ledger, reviver
from campaign.domain.errors import ConfigurationError
from campaign.housekeeping import Housekeeping
from campaign.ports import Feedback, Intake
from campaign.receipts import Receipts
from campaign.settings import OnPremisesAccount, Settings


class Proof(NamedTuple):
    """What shows that a webhook comes from the platform: a signature, or On-Premises a path nobody can guess."""

    secrets: Sequence[str] = ()
    verify_token: str = ""
    path_secret: str | None = None


@dataclass(frozen=True, slots=True)
class Receiving:
    """The ledger as a receiver uses it, and what webhooks are believed by now."""

    intake: Intake
    feedback: Feedback
    receipts: Receipts
    housekeeping: Housekeeping
    proof: Callable[[], Proof]


@asynccontextmanager
async def receiving(settings: Settings) -> AsyncIterator[Receiving]:
    """Open the ledger as a living receiver; refuses to without the secrets that prove who posts."""
    proof_of(settings)
    async with (
        open_ledger(settings, purpose="campaign serve", size=6, unless_known="refuse") as ledger,
        registered(ledger.dsn, "receiver", revive=reviver(settings), recognition=ledger.recognition),
        # Its own: whoever posts must not wait for a connection that applies what was posted before.
        open_pool(ledger.dsn, size=2, purpose="campaign serve", check=_check_of(ledger)) as doors,
    ):
        feedback, receipts = PostgresFeedback(ledger.pool), receipts_of(settings, ledger)
        housekeeping = Housekeeping(PostgresAttic(ledger.pool), raw=settings.retention.raw)
        yield Receiving(PostgresIntake(doors), feedback, receipts, housekeeping, lambda: proof_of(settings))


def _check_of(ledger: Ledger) -> Callable[[asyncpg.Connection], Awaitable[None]] | None:
    return ledger.recognition.again if ledger.recognition is not None else None


def proof_of(settings: Settings) -> Proof:
    """Read what webhooks are believed by; raises ConfigurationError where there is nothing."""
    account = settings.account
    # Two while one is being replaced: WhatsApp signs with the old one until the new one is saved, and repeats for days.
    secrets = tuple(each.reveal() for each in (account.app_secret, account.previous_app_secret) if each is not None)
    verify_token = account.verify_token.reveal() if account.verify_token is not None else ""
    if account.dialect == "on_premises":
        return Proof(secrets, verify_token, _path_secret(settings, account))
    if account.app_secret is None:
        raise ConfigurationError(
            "webhooks cannot be believed without the app secret",
            where=settings.where("account", "app_secret"),
            remedy="write app_secret: ${WHATSAPP_APP_SECRET} (App dashboard, Settings, Basic)",
        )
    if not verify_token:
        raise ConfigurationError(
            "Meta's handshake needs the verify token",
            where=settings.where("account", "verify_token"),
            remedy="write verify_token: ${WHATSAPP_VERIFY_TOKEN}, and the same value in the App dashboard",
        )
    return Proof(secrets, verify_token)


def _path_secret(settings: Settings, account: OnPremisesAccount) -> str | None:
    """Give the path that stands in for a signature: the client makes none, though a provider may."""
    if account.webhook_path is not None:
        return account.webhook_path.reveal()
    if account.app_secret is not None:
        return None
    raise ConfigurationError(
        "webhooks of an On-Premises client are not signed: only a secret path can be believed",
        where=settings.where("account", "webhook_path"),
        remedy="write webhook_path: ${WA_WEBHOOK_PATH} (openssl rand -hex 32), and have the client post to /webhook/IT",
    )
