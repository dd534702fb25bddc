"""A campaign's file, read, and what a run freezes of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaign.domain.message import is_free_form
from campaign.domain.rendering import CompiledMessage, compile_message
from campaign.plan import Audience
from campaign.ports import NewRun
from campaign.settings import CampaignFile, Settings


@dataclass(frozen=True, slots=True)
class Intent:
    """A campaign's file, read: what is wanted, and where it says so."""

    settings: Settings
    campaign: CampaignFile
    path: Path
    # Who gets it in the audience's place: a test goes to other people, in the words of the audience.
    instead: Callable[[Audience], Awaitable[Audience]] | None = None

    @property
    def shards(self) -> tuple[str, ...]:
        """Name the shards it uses: those it lists, or all."""
        return self.campaign.shards or tuple(shard.id for shard in self.settings.shards)

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
    frozen = campaign.frozen()
    return NewRun(
        campaign=campaign.campaign,
        key=key,
        definition=frozen,
        fingerprints=campaign.fingerprints(),
        portfolio=settings.account.portfolio_id,
        template=template_of(frozen["message"]),
        high=campaign.priority == "high",
        when_held=campaign.quality.when_held,
        held_limit=settings.held_limit,
        duplicate_window=campaign.duplicates.within,
        own_runs=campaign.duplicates.own_runs == "allow",
        tolerate=campaign.quality.tolerate,
        settle=campaign.quality.settle,
        rate=campaign.rate,
        shards=intent.shards,
        free_form=is_free_form(frozen["message"]),
    )


def template_of(message: Mapping[str, Any]) -> str:
    """Name what a quality assessment holds back: the template, or the type of a free-form message."""
    kind = message.get("type", "status")
    name: str = message["template"]["name"] if kind == "template" else f"({kind})"
    return name


def compiled(intent: Intent) -> CompiledMessage:
    """Compile the message by the rules of the account's dialect."""
    campaign = intent.campaign
    return compile_message(campaign.frozen()["message"], intent.settings.account.dialect, category=campaign.category)
