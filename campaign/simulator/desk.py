"""What every order to post something has in common, and what it is filled in from."""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from campaign.simulator.condition import Conditions
from campaign.simulator.dialect import Dialect, FieldEvent, RawEvent, StatusEvent
from campaign.simulator.template_use import TemplateKey
from campaign.simulator.templates import Shelf
from campaign.simulator.windows import Windows

Seconds = Annotated[float, Field(ge=0)]
Digits = Annotated[str, Field(pattern=r"^[0-9]+$")]
Posted = FieldEvent | StatusEvent | RawEvent

_USUAL_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Desk:
    """What an order is filled in from when its time has come; `now` in seconds since 1970."""

    now: float
    number: str
    shelf: Shelf
    windows: Windows
    dialect: Dialect
    conditions: Conditions = field(default_factory=Conditions)

    def key_of(self, template: str, language: str | None) -> TemplateKey:
        """Find a template by its name; the first of that name where no language is given."""
        if language is None:
            language = next((each.language for each in self.shelf if each.name == template), _USUAL_LANGUAGE)
        return template, language


class Timed(BaseModel):
    """When to post it, and how many times more, so many seconds apart."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    # News of fields beside `messages`, which not every dialect has.
    is_news: ClassVar[bool] = False

    after_s: Seconds = 0
    repeat: Annotated[int, Field(ge=0, le=100_000)] = 0
    repeat_s: Seconds = 0.1

    @abstractmethod
    def event(self, desk: Desk) -> Posted:
        """Fill the order in."""
