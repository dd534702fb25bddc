"""When a plan ends."""

from datetime import UTC, datetime, timedelta

from campaign.bootstrap.intent import Intent
from campaign.bootstrap.ledger import Ledger
from campaign.bootstrap.sending import rate_of
from campaign.bootstrap.timetable import Timetable
from campaign.domain.outlook import Forecast
from campaign.plan import Planned
from campaign.ports import PlanWriting


async def forecast(
    intent: Intent,
    ledger: Ledger,  # noqa: ARG001 - limits come from it
    planned: Planned,
    hours: Timetable,  # noqa: ARG001 - hours come from it
    writing: PlanWriting,  # noqa: ARG001 - limits come from it
) -> Forecast:
    """Estimate when the sending ends: the shards share by throughput, so they end together."""
    now = datetime.now(UTC)
    limits = (rate_of(intent.settings, intent.shards), intent.campaign.rate)
    rate = min((limit for limit in limits if limit is not None), default=None)
    seconds = None if rate is None else planned.to_send / rate
    return Forecast(now, None if seconds is None else now + timedelta(seconds=seconds), seconds)
