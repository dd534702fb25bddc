"""What `campaign serve` needs behind its doors."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.intake import PostgresIntake
from campaign.adapters.postgres.process import registered
from campaign.bootstrap.ledger import open_ledger, reviver
from campaign.domain.errors import ConfigurationError
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
    proof: Callable[[], Proof]


@asynccontextmanager
async def receiving(settings: Settings) -> AsyncIterator[Receiving]:
    """Open the ledger as a living receiver; refuses to without the secrets that prove who posts."""
    proof_of(settings)
    async with (
        open_ledger(settings, purpose="campaign serve", size=6) as ledger,
        registered(ledger.dsn, "receiver", revive=reviver(settings)),
    ):
        feedback = PostgresFeedback(ledger.pool)
        receipts = Receipts(feedback, installation=ledger.installation, key=ledger.person_key)
        yield Receiving(PostgresIntake(ledger.pool), feedback, receipts, lambda: proof_of(settings))


def proof_of(settings: Settings) -> Proof:
    """Read what webhooks are believed by; raises ConfigurationError where there is nothing."""
    account = settings.account
    secrets = (account.app_secret.reveal(),) if account.app_secret is not None else ()
    verify_token = account.verify_token.reveal() if account.verify_token is not None else ""
    if account.dialect == "on_premises":
        return Proof(secrets, verify_token, _path_secret(settings, account))
    if not secrets:
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
