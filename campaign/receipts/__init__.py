"""Webhook facts -> delivery states, settled unknowns, opt-outs, released gates, and alarms."""

from campaign.receipts.account import Ours
from campaign.receipts.findings import Findings
from campaign.receipts.receipts import Receipts

__all__ = ["Findings", "Ours", "Receipts"]
