"""What every shard of a process sends with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from campaign.dispatch.reader import Ready
from campaign.domain.outcome import MistakeStreaks
from campaign.ports import Api, Clock, Composer, Store


@dataclass(frozen=True, slots=True)
class Means:
    """The world as a shard sees it; `weights` by shard, `callback` names an attempt to WhatsApp."""

    store: Store
    api: Api
    composer: Composer
    clock: Clock
    weights: Mapping[str, float]
    callback: Callable[[Ready], str]
    mistakes: MistakeStreaks = field(default_factory=MistakeStreaks)
