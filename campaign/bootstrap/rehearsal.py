"""`campaign plan`: the plan that launch would write, counted and rolled back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from campaign.adapters.postgres.plans import RehearsedPlans
from campaign.bootstrap.ledger import open_ledger
from campaign.bootstrap.planning import Intent, audience_of, compiled, introduce, new_run
from campaign.bootstrap.sending import rate_of
from campaign.domain.errors import RefusedByPlan
from campaign.domain.sharding import Assigner
from campaign.plan import Planned, plan

# No run has this id; what is counted under it is rolled back.
NO_RUN = -1


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a launch would do now; `blocked` says why it would not start, `suspects` what only looks wrong."""

    campaign: str
    planned: Planned | None
    blocked: RefusedByPlan | None
    seconds: float | None
    suspects: tuple[str, ...] = ()
    where: str | None = None

    @property
    def go(self) -> bool:
        return self.blocked is None

    @property
    def findings(self) -> list[dict[str, Any]]:
        """List what blocks the launch, then what only looks wrong."""
        blocks = [] if self.blocked is None else getattr(self.blocked, "findings", (self.blocked,))
        return [
            *({"what": each.message, "where": each.where, "remedy": each.remedy, "blocks": True} for each in blocks),
            *({"what": each, "where": self.where, "remedy": None, "blocks": False} for each in self.suspects),
        ]

    def as_json(self) -> dict[str, Any]:
        """Spell the plan for `--json`; cost is not known without a rate card."""
        now = datetime.now(UTC)
        ends_at = None if self.seconds is None else now + timedelta(seconds=self.seconds)
        return {
            "campaign": self.campaign,
            "go": self.go,
            "findings": self.findings,
            "audience": self.planned.audience if self.planned else 0,
            "planned": self.planned.planned if self.planned else 0,
            "refused": dict(self.planned.refused) if self.planned else {},
            "skipped": dict(self.planned.skipped) if self.planned else {},
            "cost": None,
            "starts_at": now.isoformat(),
            "ends_at": ends_at.isoformat() if ends_at else None,
            "plan": self.planned.digest.hex() if self.planned else None,
        }


async def rehearse(intent: Intent, progress: Callable[[int], None]) -> PlanReport:
    """Plan without a trace; raises CampaignError for what is wrong with the file or the audience."""
    message = compiled(intent)
    async with (
        open_ledger(intent.settings, purpose="campaign plan", size=2) as ledger,
        audience_of(intent, ledger) as audience,
    ):
        # Outside the plan's transaction, which would keep senders waiting for these rows.
        await introduce(intent, ledger)
        suspects = tuple(message.suspects(audience.columns))
        where = intent.campaign.where("message")
        try:
            planned = await plan(
                NO_RUN,
                audience,
                message,
                assign=Assigner(intent.weights).assign,
                key=ledger.person_key,
                store=RehearsedPlans(ledger.pool, new_run(intent, key="plan")),
                progress=progress,
            )
        except RefusedByPlan as blocked:
            return PlanReport(intent.campaign.campaign, None, blocked, None, suspects, where)
    return PlanReport(intent.campaign.campaign, planned, None, _seconds(intent, planned), suspects, where)


def _seconds(intent: Intent, planned: Planned) -> float | None:
    """Estimate how long the sending takes: the shards share by throughput, so they end together."""
    limits = (rate_of(intent.settings, intent.shards), intent.campaign.rate)
    rate = min((limit for limit in limits if limit is not None), default=None)
    return None if rate is None else (planned.planned - sum(planned.skipped.values())) / rate
