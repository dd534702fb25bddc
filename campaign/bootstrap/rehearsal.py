"""`campaign plan`: the plan that launch would write, counted and rolled back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from campaign.adapters.postgres.plans import RehearsedPlans
from campaign.bootstrap.earlier import EarlierRun, earlier_run
from campaign.bootstrap.exporting import LeftOutFile
from campaign.bootstrap.intent import Intent, new_run
from campaign.bootstrap.ledger import open_ledger
from campaign.bootstrap.planning import Foreseen, Planning, Progress, introduce
from campaign.bootstrap.preflight import look
from campaign.bootstrap.previewing import Shown
from campaign.bootstrap.ramping import ramp_of, sizes
from campaign.domain.errors import RefusedByPlan
from campaign.domain.outlook import Outlook, PlanFinding
from campaign.plan import NobodyLeft, Planned
from campaign.ports import Consent

# No run has this id; what is counted under it is rolled back.
NO_RUN = -1


class VariantPart(NamedTuple):
    """One of several messages: the share of the people it is meant for, from 0 to 1, and how many get it."""

    name: str
    share: float
    messages: int


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a launch would do now; `blocked` says why its rows could not even be planned.

    `parts`: of the variants; `intent`: the file it was made from; `earlier`: the run that a launch would go on with.
    """

    campaign: str
    planned: Planned | None
    outlook: Outlook | None
    blocked: RefusedByPlan | None = None
    shown: Sequence[Shown] = ()
    parts: Sequence[VariantPart] = ()
    intent: Intent | None = None
    earlier: EarlierRun | None = None

    @classmethod
    def of(cls, intent: Intent, foreseen: Foreseen) -> Self:
        """Tell what was foreseen of a campaign."""
        parts = _parts(intent, foreseen.planned)
        name = intent.campaign.campaign
        return cls(name, foreseen.planned, foreseen.outlook, None, foreseen.shown, parts, intent)

    @property
    def consent(self) -> Consent:
        """Tell how the file knows that people consented."""
        kept: Consent = self.intent.campaign.frozen()["consent"] if self.intent is not None else None
        return kept

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
        earlier = [] if self.earlier is None else [self.earlier.remark(self._path)]
        return [*blocks, *earlier, *(self.outlook.findings if self.outlook is not None else ())]

    @property
    def _path(self) -> str | None:
        return str(self.intent.path) if self.intent is not None else None

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
            "consent": self.consent,
            "cost": kept["cost"],
            "starts_at": (forecast.starts_at if forecast is not None else datetime.now(UTC)).isoformat(),
            "ends_at": kept["ends_at"],
            "plan": kept["plan"] or None,
            "portions": [
                {"day": each.day.isoformat(), "messages": each.messages}
                for each in (forecast.portions if forecast is not None else ())
            ],
            "ramp": _steps(self.intent, planned),
            "limit": outlook.room.as_json() if outlook is not None and outlook.room is not None else None,
            "variants": [each._asdict() for each in self.parts],
            "examples": [{"row": each.row, "variant": each.variant, "message": each.message} for each in self.shown],
        }


def _steps(intent: Intent | None, planned: Planned | None) -> list[dict[str, Any]]:
    """Count the messages of each step of the ramp, and say how much of the whole it reaches."""
    if intent is None or planned is None:
        return []
    ramp = ramp_of(intent)
    return [{"share": share, "messages": size} for share, size in zip(ramp, sizes(intent, planned), strict=False)]


def _parts(intent: Intent, planned: Planned) -> list[VariantPart]:
    """Count the messages of each variant; nothing to count where there is only one message."""
    if intent.campaign.variants is None:
        return []
    counted = Counter[int]()
    for group, messages in planned.groups.items():
        counted[group.variant] += messages
    return [VariantPart(each.name, each.share, counted[at]) for at, each in enumerate(intent.wordings)]


def refusal_of(outlook: Outlook) -> RefusedByPlan | None:
    """Make one error of everything that blocks, the first in front; None where nothing does."""
    if not outlook.blocks:
        return None
    first, *others = outlook.blocks
    more = f" (and {len(others)} more, see `campaign plan`)" if others else ""
    return RefusedByPlan(f"{first.what}{more}", where=first.where, remedy=first.remedy)


async def rehearse(intent: Intent, progress: Progress, left_out: LeftOutFile | None = None) -> PlanReport:
    """Plan without a trace; raises CampaignError for what is wrong with the file or the audience.

    `left_out` is filled with those who would get no message.
    """
    async with open_ledger(intent.settings, purpose="campaign plan", size=2) as ledger:
        seen = await look(intent.settings, intent.campaign, intent.shards)
        # Outside the plan's transaction, which would keep senders waiting for these rows.
        await introduce(intent, ledger)
        earlier = await earlier_run(intent, ledger)
        store = RehearsedPlans(ledger.pool, new_run(intent, key="plan"))
        planning = Planning(intent, ledger, seen, judge=lambda _: None, left_out=left_out)
        try:
            foreseen = await planning.into(store, NO_RUN, state="running", progress=progress)
        except RefusedByPlan as blocked:
            told = Outlook(seen.findings, None, None, "")
            counted = blocked.planned if isinstance(blocked, NobodyLeft) else None
            return PlanReport(intent.campaign.campaign, counted, told, blocked, intent=intent, earlier=earlier)
    return replace(PlanReport.of(intent, foreseen), earlier=earlier)
