"""The look at the account before anything is planned or sent: its numbers, its templates, its limits."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import structlog

from campaign.adapters.whatsapp.account import CloudAccount
from campaign.adapters.whatsapp.templates import Listing
from campaign.bootstrap.whatsapp import open_account, placed
from campaign.domain.catalogue.fault import Path
from campaign.domain.number_state import NumberState, least_limit
from campaign.domain.outlook import PlanFinding
from campaign.domain.preflight import CATEGORY, About, Remark, definition_of, judge_number, judge_template
from campaign.domain.template_definition import TemplateDefinition
from campaign.settings import CampaignFile, Settings

log = structlog.get_logger()

UNCHECKED: Final = "the template could not be checked"


@dataclass(frozen=True, slots=True)
class Look:
    """What the account said: what stands in the way, and which template it holds, as a digest ('' if it has none).

    `portfolio_limit`: unique people in 24 h, as the account names it; None if it said nothing. `definitions`: the
    templates of the campaign's messages, as far as they are told.
    """

    findings: tuple[PlanFinding, ...] = ()
    template: str = ""
    portfolio_limit: int | Literal["unlimited"] | None = None
    definitions: tuple[TemplateDefinition, ...] = ()


class Use(NamedTuple):
    """A message that is to be sent; `where` says where a path in it, or the campaign's category, stands."""

    message: Mapping[str, Any]
    category: str
    where: Callable[[Path], str]

    @property
    def template(self) -> Mapping[str, Any] | None:
        return self.message.get("template") if self.message.get("type") == "template" else None


async def look(settings: Settings, campaign: CampaignFile, shards: Sequence[str], *, planned: bool = False) -> Look:
    """Ask the account what a campaign would meet; raises Unreachable and ConfigurationError.

    Of a run that is `planned` numbers which cannot send are a warning, unless none can: its rows stay with their
    shards, and the others need not wait.
    """
    uses = [Use(each.message, campaign.category, _places(campaign, each.keys)) for each in campaign.wordings]
    return await _examine(settings, shards, uses, planned=planned)


async def look_again(settings: Settings, shards: Sequence[str], definition: Mapping[str, Any], *, name: str) -> Look:
    """Ask what a run as it was frozen would meet now; `name` is the run's, which has no file any more."""
    written = [each["message"] for each in definition.get("variants") or (definition,)]
    uses = [Use(each, definition.get("category", "marketing"), lambda _: name) for each in written]
    return await _examine(settings, shards, uses, planned=True)


def warn_of(findings: Iterable[PlanFinding]) -> None:
    """Log what stops nothing, where nobody is shown a plan."""
    for each in findings:
        if not each.blocks:
            log.warning("preflight.warned", what=each.what, where=each.where, remedy=each.remedy)


def _places(campaign: CampaignFile, keys: Path) -> Callable[[Path], str]:
    return lambda path: campaign.where(*(path if path == CATEGORY else (*keys, *path)))


async def _examine(settings: Settings, shards: Sequence[str], uses: Sequence[Use], *, planned: bool) -> Look:
    with placed(settings):
        async with open_account(settings) as account:
            if isinstance(account, CloudAccount):
                return await _of_cloud(settings, account, shards, uses, planned=planned)
            # It has no list of templates, and no limit that could be asked for.
            await account.check(shards=len(settings.shards))
    return Look()


async def _of_cloud(
    settings: Settings, account: CloudAccount, shards: Sequence[str], uses: Sequence[Use], *, planned: bool
) -> Look:
    # The numbers first: a token that is no good is told with the words for numbers.
    states = await account.numbers({shard.id: shard.address for shard in settings.shards if shard.id in shards})
    told = await _listings(account, uses)
    definitions = tuple(_definitions(uses, told))
    found = number_findings(settings, states)
    return Look(
        findings=(
            *(_bearable(found, states) if planned else (each for _, each in found)),
            *(finding for use in uses for finding in _template_findings(use, told)),
        ),
        template=",".join(sorted({each.digest for each in definitions})),
        portfolio_limit=least_limit(states.values()),
        definitions=definitions,
    )


async def _listings(account: CloudAccount, uses: Sequence[Use]) -> dict[str, Listing]:
    """Ask once for each name, whatever its languages and variants."""
    names = sorted({str(each.template["name"]) for each in uses if each.template is not None})
    listings = await asyncio.gather(*(account.templates(each) for each in names))
    return dict(zip(names, listings, strict=True))


def _bearable(found: Sequence[tuple[str, PlanFinding]], shards: Collection[str]) -> Iterator[PlanFinding]:
    """Let a number that cannot send stop nothing, unless none can."""
    stopped = {shard for shard, each in found if shard and each.blocks}
    for shard, each in found:
        yield each._replace(blocks=False) if shard and stopped < set(shards) else each


def number_findings(settings: Settings, states: Mapping[str, NumberState]) -> list[tuple[str, PlanFinding]]:
    """Say what is wrong with numbers, each with its shard; of the account, whose shard is '', everything once."""
    found: dict[tuple[str, PlanFinding], None] = {}
    for place, shard in enumerate(settings.shards):
        if shard.id in states:
            throughput = None if shard.throughput == "unlimited" else shard.throughput
            for remark in judge_number(states[shard.id], shard=shard.id, throughput=throughput):
                about = "" if remark.about == "account" else shard.id
                found[about, _finding(remark, settings, place)] = None
    return list(found)


def _finding(remark: Remark, settings: Settings, place: int) -> PlanFinding:
    keys: Mapping[About, Path] = {
        "number": ("shards", place),
        "throughput": ("shards", place, "throughput"),
        "account": ("account",),
    }
    return PlanFinding(remark.what, settings.where(*keys[remark.about]), remark.remedy, remark.blocks)


def _template_findings(use: Use, told: Mapping[str, Listing]) -> Iterator[PlanFinding]:
    if use.template is None:
        return
    listing = told[str(use.template["name"])]
    if listing.untold is not None and definition_of(use.template, listing.templates) is None:
        what = f"{UNCHECKED}: {listing.untold.what}"
        yield PlanFinding(what, use.where(("template", "name")), listing.untold.remedy)
        return
    for each in judge_template(use.template, listing.templates, category=use.category):
        yield PlanFinding(each.what, use.where(each.path), each.remedy, each.blocks)


def _definitions(uses: Sequence[Use], told: Mapping[str, Listing]) -> Iterator[TemplateDefinition]:
    for template in (each.template for each in uses):
        found = None if template is None else definition_of(template, told[str(template["name"])].templates)
        if found is not None:
            yield found
