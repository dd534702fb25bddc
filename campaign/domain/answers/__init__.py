"""What every code in WhatsApp's answers means, and what it obliges us to do: one data file per dialect."""

from campaign.domain.answers.action import Action
from campaign.domain.answers.listed import Listed
from campaign.domain.answers.table import in_doubt, listed, meaning
from campaign.domain.dialects import Dialect

__all__ = ["Action", "Dialect", "Listed", "in_doubt", "listed", "meaning"]
