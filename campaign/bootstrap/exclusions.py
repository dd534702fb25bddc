"""Whom a campaign leaves out before anything is written: countries that must not get it, and who has it already."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from campaign.audience import Refused
from campaign.bootstrap.intent import Intent
from campaign.domain.country_rules import CountryRule, Sending, by_region, detail_of, holding, regions_of_prefix
from campaign.domain.outlook import PlanFinding
from campaign.plan import Planned
from campaign.ports import CleanPerson, Exclusions, PlanWriting, RefusedRow
from campaign.settings import bundled_country_rules

# This share of the messages, or more, already sent: a campaign by another name, or a list nobody looked at.
SENT_SHARE: Final = 0.5

RUNS_NAMED: Final = 3

MARKETING: Final = "marketing"


def refuser(intent: Intent) -> Callable[[CleanPerson], RefusedRow | None]:
    """Judge people by their country; whoever no rule is about costs one look-up."""
    ruled = by_region(holding(_rules(intent), "refuse", _sending(intent)))

    def judge(each: CleanPerson) -> Refused | None:
        rules = ruled.get(each.region)
        return None if rules is None else _refused(each, rules)

    return judge


async def remarks(intent: Intent, planned: Planned, writing: PlanWriting) -> list[PlanFinding]:
    """Say what only looks wrong, and what half of the audience being left out means."""
    return [
        *await _sent_already(intent, planned, writing.exclusions),
        *_consent(intent),
        *await _warned(intent, planned, writing.exclusions),
    ]


def nobody(intent: Intent, planned: Planned, findings: Sequence[PlanFinding]) -> list[PlanFinding]:
    """Say that a run would be over before it began, unless something stops it that says as much."""
    if planned.to_send or any(each.blocks for each in findings):
        return []
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in planned.skipped.items())
    what = f"nobody would get a message: {reasons}. The run would be over at once"
    remedy = "see who and why with `campaign plan FILE --left-out OUT.csv`; launch it once that has changed"
    return [PlanFinding(what, str(intent.path), remedy)]


def _rules(intent: Intent) -> Sequence[CountryRule]:
    own = intent.settings.own_country_rules
    return bundled_country_rules() if own is None else own


def _sending(intent: Intent) -> Sending:
    template = any(each.message.get("type") == "template" for each in intent.wordings)
    return Sending(intent.campaign.category, template, datetime.now(UTC).date())


def _refused(each: CleanPerson, rules: Sequence[CountryRule]) -> Refused | None:
    for rule in rules:
        if rule.covers(each.region, each.e164):
            return Refused(each.row, rule.reason, detail_of(rule, each.e164), each.person)
    return None


async def _sent_already(intent: Intent, planned: Planned, exclusions: Exclusions) -> list[PlanFinding]:
    """Refuse a plan most of whose people have the same content already, and say from where."""
    sent = planned.skipped.get("already_sent", 0)
    if not sent or sent < SENT_SHARE * planned.planned:
        return []
    runs = await exclusions.sent_before()
    named = ", ".join(f"{each.run} ({each.messages:,})" for each in runs[:RUNS_NAMED])
    more = f" and {len(runs) - RUNS_NAMED} more" if len(runs) > RUNS_NAMED else ""
    what = f"{sent:,} of {planned.planned:,} people got the same content already, from {named}{more}"
    remedy = (
        "launch that run again if it is not finished; send to those who did not get it (`campaign plan FILE --left-out "
        "OUT.csv` lists the others); or write duplicates: {within: none} to send it once more on purpose"
    )
    return [PlanFinding(what, intent.campaign.where("duplicates"), remedy, blocks=True)]


def _consent(intent: Intent) -> list[PlanFinding]:
    """Say that nobody's consent was looked at, where the file says so."""
    campaign = intent.campaign
    if campaign.consent != "recorded_elsewhere" or campaign.category != MARKETING:
        return []
    what = "consent is recorded elsewhere, says the file: nobody was left out for want of it"
    remedy = "write {column: COLUMN, source: WHERE} if the audience has a column with it"
    return [PlanFinding(what, campaign.where("consent"), remedy)]


async def _warned(intent: Intent, planned: Planned, exclusions: Exclusions) -> list[PlanFinding]:
    """Count the messages to be sent that a rule warns of."""
    found: list[PlanFinding] = []
    for rule in holding(_rules(intent), "warn", _sending(intent)):
        if count := await _count(rule, planned, exclusions):
            people = "1 person" if count == 1 else f"{count:,} people"
            what = f"{rule.name}, {people}: {rule.says} ({rule.source})"
            found.append(PlanFinding(what, str(intent.settings.country_rules or "") or None, rule.remedy))
    return found


async def _count(rule: CountryRule, planned: Planned, exclusions: Exclusions) -> int:
    whole = sum(count for group, count in planned.groups.items() if group.region in rule.regions)
    partly = frozenset(region for prefix in rule.prefixes for region in regions_of_prefix(prefix)) - rule.regions
    if partly.isdisjoint(group.region for group in planned.groups):
        return whole
    return whole + await exclusions.prefixed(partly, rule.prefixes)
