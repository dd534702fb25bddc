"""One row of the answer tables: what a code means, what it obliges us to do, and what a person does about it."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from campaign.domain.answers.action import Action

Confidence = Literal["high", "medium", "low"]


class Source(NamedTuple):
    """Who says so. High: Meta's own text, found twice; medium: one copy of it, or an old one; low: others.

    `key` stands for it in docs/answers.md.
    """

    key: str
    name: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Listed:
    """Codes with one meaning. `remedy` is what a person does now; `note` says why the action is not the obvious one.

    `seconds`: the number's rest, which doubles up to `longest`; `slows`: after it the number goes at half its rate.
    """

    codes: tuple[int, ...]
    action: Action
    meaning: str
    remedy: str
    source: Source
    note: str = ""
    seconds: float = 0.0
    longest: float = 0.0
    slows: bool = False
