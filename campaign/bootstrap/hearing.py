"""What webhooks do, as the settings want it."""

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.bootstrap.ledger import Ledger
from campaign.domain.answers import listed
from campaign.domain.opt_out import unwanted_by
from campaign.receipts import Ours, Receipts
from campaign.settings import Settings


def receipts_of(settings: Settings, ledger: Ledger) -> Receipts:
    """Put together who applies webhooks to this ledger."""
    answers = listed(settings.account.dialect, settings.answers)
    return Receipts(
        PostgresFeedback(ledger.pool),
        installation=ledger.installation,
        key=ledger.person_key,
        opt_outs=settings.opt_out.rules,
        unwanted=unwanted_by(answers),
        ours=Ours(_account_of(settings), settings.account.portfolio_id, answers, settings.portfolio_window),
    )


def _account_of(settings: Settings) -> str | None:
    """Name the account whose news concern us; an On-Premises client has one, and names it nowhere."""
    return settings.account.business_account_id if settings.account.dialect == "cloud" else None
