"""`campaign plan`: the plan that launch would write, counted and rolled back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from campaign.adapters.postgres.plans import RehearsedPlans
from campaign.bootstrap.intent import Intent, new_run
from campaign.bootstrap.ledger import open_ledger
from campaign.bootstrap.planning import Planning, introduce
from campaign.bootstrap.preflight import look
from campaign.domain.errors import RefusedByPlan
from campaign.domain.outlook import Outlook, PlanFinding
from campaign.plan import Planned

# No run has this id; what is counted under it is rolled back.
NO_RUN = -1


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a launch would do now; `blocked` says why its rows could not even be planned."""

    campaign: str
    planned: Planned | None
    outlook: Outlook | None
    blocked: RefusedByPlan | None = None

    @property
    def go(self) -> bool:
        return self.blocked is None and not (self.outlook and self.outlook.blocks)

    @property
    def refusal(self) -> RefusedByPlan | None:
        """Give why a launch would be refused, in one error."""
        return self.blocked or (refusal_of(self.outlook) if self.outlook is not None else None)

    @property
    def findings(self) -> list[PlanFinding]:
        """List what blocks the launch, then what only looks wrong."""
        told = () if self.blocked is None else getattr(self.blocked, "findings", (self.blocked,))
        blocks = [PlanFinding(each.message, each.where, each.remedy, blocks=True) for each in told]
        return [*blocks, *(self.outlook.findings if self.outlook is not None else ())]

    def as_json(self) -> dict[str, Any]:
        """Spell the plan for `--json`."""
        planned, outlook = self.planned, self.outlook
        forecast = outlook.forecast if outlook is not None else None
        kept = outlook.kept() if outlook is not None else {"cost": None, "plan": None, "ends_at": None}
        return {
            "campaign": self.campaign,
            "go": self.go,
            "findings": [each._asdict() for each in self.findings],
            "audience": planned.audience if planned else 0,
            "planned": planned.planned if planned else 0,
            "refused": dict(planned.refused) if planned else {},
            "skipped": dict(planned.skipped) if planned else {},
            "cost": kept["cost"],
            "starts_at": (forecast.starts_at if forecast is not None else datetime.now(UTC)).isoformat(),
            "ends_at": kept["ends_at"],
            "plan": kept["plan"],
        }


def refusal_of(outlook: Outlook) -> RefusedByPlan | None:
    """Make one error of everything that blocks, the first in front; None where nothing does."""
    if not outlook.blocks:
        return None
    first, *others = outlook.blocks
    more = f" (and {len(others)} more, see `campaign plan`)" if others else ""
    return RefusedByPlan(f"{first.what}{more}", where=first.where, remedy=first.remedy)


async def rehearse(intent: Intent, progress: Callable[[int], None]) -> PlanReport:
    """Plan without a trace; raises CampaignError for what is wrong with the file or the audience."""
    async with open_ledger(intent.settings, purpose="campaign plan", size=2) as ledger:
        seen = await look(intent.settings, intent.campaign, intent.shards)
        # Outside the plan's transaction, which would keep senders waiting for these rows.
        await introduce(intent, ledger)
        store = RehearsedPlans(ledger.pool, new_run(intent, key="plan"))
        planning = Planning(intent, ledger, seen, judge=lambda _: None)
        try:
            foreseen = await planning.into(store, NO_RUN, state="running", progress=progress)
        except RefusedByPlan as blocked:
            return PlanReport(intent.campaign.campaign, None, None, blocked)
    return PlanReport(intent.campaign.campaign, foreseen.planned, foreseen.outlook)
