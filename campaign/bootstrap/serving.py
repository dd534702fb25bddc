"""What `campaign serve` needs behind its doors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.intake import PostgresIntake
from campaign.adapters.postgres.process import registered
from campaign.bootstrap.ledger import open_ledger, reviver
from campaign.domain.errors import ConfigurationError
from campaign.ports import Feedback, Intake
from campaign.receipts import Receipts
from campaign.settings import Settings


@dataclass(frozen=True, slots=True)
class Receiving:
    """The ledger as a receiver uses it, and the secrets it believes by."""

    intake: Intake
    feedback: Feedback
    receipts: Receipts
    secrets: tuple[str, ...]
    verify_token: str


@asynccontextmanager
async def receiving(settings: Settings) -> AsyncIterator[Receiving]:
    """Open the ledger as a living receiver; refuses to without the secrets that prove who posts."""
    secrets, verify_token = _secrets(settings)
    async with (
        open_ledger(settings, purpose="campaign serve", size=6) as ledger,
        registered(ledger.dsn, "receiver", revive=reviver(settings)),
    ):
        feedback = PostgresFeedback(ledger.pool)
        receipts = Receipts(feedback, installation=ledger.installation)
        yield Receiving(PostgresIntake(ledger.pool), feedback, receipts, secrets, verify_token)


def _secrets(settings: Settings) -> tuple[tuple[str, ...], str]:
    account = settings.account
    if account.app_secret is None:
        raise ConfigurationError(
            "webhooks cannot be believed without the app secret",
            where=settings.where("account", "app_secret"),
            remedy="write app_secret: ${WHATSAPP_APP_SECRET} (App dashboard, Settings, Basic)",
        )
    if account.verify_token is None:
        raise ConfigurationError(
            "Meta's handshake needs the verify token",
            where=settings.where("account", "verify_token"),
            remedy="write verify_token: ${WHATSAPP_VERIFY_TOKEN}, and the same value in the App dashboard",
        )
    return (account.app_secret.reveal(),), account.verify_token.reveal()
