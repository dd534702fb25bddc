"""A campaign's file, read, and what a run freezes of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaign.domain.message import is_free_form
from campaign.domain.rendering import CompiledMessage, compile_message
from campaign.domain.variants import chooser
from campaign.plan import Audience
from campaign.ports import Frequency, NewRun
from campaign.settings import CampaignFile, Settings, Wording


@dataclass(frozen=True, slots=True)
class Intent:
    """A campaign's file, read: what is wanted, and where it says so."""

    settings: Settings
    campaign: CampaignFile
    path: Path
    # Who gets it in the audience's place: a test goes to other people, in the words of the audience.
    instead: Callable[[Audience], Awaitable[Audience]] | None = None
    # Which variant anybody gets, where it does not go by the person's hash: a test sends a chosen one.
    variant: Callable[[bytes], int] | None = None

    @property
    def shards(self) -> tuple[str, ...]:
        """Name the shards it uses: those it lists, or all."""
        return self.campaign.shards or tuple(shard.id for shard in self.settings.shards)

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """List what it sends, each variant or the one message: name, share, frozen message, keys in the file."""
        return self.campaign.wordings

    @property
    def weights(self) -> list[tuple[str, float]]:
        """Give each shard its weight, the throughput; unlimited ones weigh the same."""
        return [
            (shard.id, 1.0 if shard.throughput == "unlimited" else float(shard.throughput))
            for shard in self.settings.shards
            if shard.id in self.shards
        ]


def new_run(intent: Intent, *, key: str) -> NewRun:
    """Freeze what a run of this file is."""
    settings, campaign = intent.settings, intent.campaign
    templates = tuple(template_of(each.message) for each in intent.wordings)
    return NewRun(
        campaign=campaign.campaign,
        key=key,
        definition=campaign.frozen(),
        fingerprints=campaign.fingerprints(),
        portfolio=settings.account.portfolio_id,
        template=templates[0],
        high=campaign.priority == "high",
        when_held=campaign.quality.when_held,
        when_limited=campaign.quality.when_limited,
        held_limit=settings.held_limit,
        duplicate_window=campaign.duplicates.within,
        own_runs=campaign.duplicates.own_runs == "allow",
        tolerate=campaign.quality.tolerate,
        settle=campaign.quality.settle,
        rate=campaign.rate,
        shards=intent.shards,
        # One that needs an open window keeps the others to the same people: else they could not be compared.
        free_form=any(is_free_form(each.message) for each in intent.wordings),
        templates=templates,
        until=campaign.schedule.over_at if campaign.schedule else None,
        ramp=campaign.quality.ramp or (),
        stop_if=campaign.quality.stop_if.frozen() if campaign.quality.stop_if else None,
        frequency=Frequency(campaign.frequency.at_most, campaign.frequency.per) if campaign.frequency else None,
    )


def template_of(message: Mapping[str, Any]) -> str:
    """Name what a quality assessment holds back: the template, or the type of a free-form message."""
    kind = message.get("type", "status")
    name: str = message["template"]["name"] if kind == "template" else f"({kind})"
    return name


def compiled(intent: Intent) -> list[CompiledMessage]:
    """Compile each message, as `wordings` lists them, by the rules of the account's dialect."""
    dialect, category = intent.settings.account.dialect, intent.campaign.category
    return [compile_message(each.message, dialect, category=category) for each in intent.wordings]


def variant_of(intent: Intent) -> Callable[[bytes], int]:
    """Tell by a person which of `wordings` they get."""
    if intent.variant is not None:
        return intent.variant
    return chooser(intent.campaign.campaign, [(each.name, each.share) for each in intent.wordings])
