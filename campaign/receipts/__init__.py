"""Webhook facts -> delivery states, settled unknowns, released gates, and alarms."""

from campaign.receipts.receipts import Findings, Receipts

__all__ = ["Findings", "Receipts"]
