"""Orders to post news of a template, a number, the account or a wish: short forms of the webhook's own words."""

from abc import abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from campaign.simulator import fields
from campaign.simulator.cloud_events import errors_of
from campaign.simulator.desk import Desk, Digits, Timed
from campaign.simulator.dialect import FieldEvent
from campaign.simulator.template_use import TemplateKey
from campaign.simulator.templates import TemplateCategory, TemplateStatus

# A template that is approved anew is called by either name.
_STATUS_OF_EVENT: Mapping[str, TemplateStatus] = MappingProxyType(
    {**{status.value: status for status in TemplateStatus}, "REINSTATED": TemplateStatus.APPROVED}
)


class _News(Timed):
    """A change of one field; `time` is the entry's, `account` whose it is."""

    time: int | None = None
    account: str | None = None

    is_news = True

    def event(self, desk: Desk) -> FieldEvent:
        at = int(desk.now) if self.time is None else self.time
        return FieldEvent(self._field(), self._filled(desk, at), at, self.account)

    @abstractmethod
    def _field(self) -> str:
        """Name the field."""

    @abstractmethod
    def _filled(self, desk: Desk, at: int) -> object:
        """Write the value."""


class FieldOrder(_News):
    """Any field, in the words of the webhook."""

    field: str
    value: Any

    def _field(self) -> str:
        return self.field

    def _filled(self, desk: Desk, at: int) -> object:  # noqa: ARG002 - written out already
        return self.value


class _ShortForm(_News):
    """News in a few words, spelled as the platform does. `more` goes into the value."""

    more: dict[str, Any] = Field(default_factory=dict)

    field_name: ClassVar[str]

    def _field(self) -> str:
        return self.field_name

    def _filled(self, desk: Desk, at: int) -> object:
        return {**self._value(desk, at), **self.more}

    @abstractmethod
    def _value(self, desk: Desk, at: int) -> dict[str, Any]:
        """Write the value as the platform does."""


class TemplateOrder(_ShortForm):
    """A status, a quality or a category of a template; each but a category to come holds here from then on."""

    template: str
    language: str | None = None
    event_name: str | None = Field(default=None, alias="event")
    quality: str | None = None
    category: TemplateCategory | None = None
    correct_category: TemplateCategory | None = None
    previous: str | None = None
    title: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(each is not None for each in (self.event_name, self.quality, self.category, self.correct_category)) != 1:
            raise ValueError("write one of event, quality, category and correct_category")
        return self

    def _field(self) -> str:
        if self.event_name is not None:
            return fields.TEMPLATE_STATUS
        return fields.TEMPLATE_CATEGORY if self.quality is None else fields.TEMPLATE_QUALITY

    def _value(self, desk: Desk, at: int) -> dict[str, Any]:
        key = desk.key_of(self.template, self.language)
        if self.event_name is not None:
            return self._status(desk, key, at)
        if self.quality is not None:
            desk.shelf.set_quality(key, self.quality)
            return fields.template_quality(key, self.quality, previous=self.previous or "UNKNOWN")
        return self._category(desk, key, at)

    def _status(self, desk: Desk, key: TemplateKey, at: int) -> dict[str, Any]:
        event = self.event_name or ""
        if event in _STATUS_OF_EVENT:
            desk.shelf.set_status(key, _STATUS_OF_EVENT[event])
        category = desk.shelf.category(key).upper()
        return fields.template_status(key, event, category=category, at=at, title=self.title, reason=self.reason)

    def _category(self, desk: Desk, key: TemplateKey, at: int) -> dict[str, Any]:
        present = desk.shelf.category(key).upper()
        if self.category is None:
            return fields.template_category_to_come(key, present=present, correct=str(self.correct_category), at=at)
        desk.shelf.set_category(key, self.category)
        return fields.template_category(key, previous=self.previous or present, category=self.category)


class NumberOrder(_ShortForm):
    """Something about a number; the status and the quality that it names hold here from then on."""

    field_name = fields.NUMBER_QUALITY

    number_event: str
    number: str | None = None
    limit: str = "TIER_UNLIMITED"
    old_limit: str | None = None
    holds_status: str | None = Field(default=None, alias="number_status")
    holds_quality: str | None = Field(default=None, alias="number_quality")

    def _value(self, desk: Desk, at: int) -> dict[str, Any]:  # noqa: ARG002 - no time in it
        number = self.number or desk.number
        desk.conditions.tell(number, status=self.holds_status, quality_rating=self.holds_quality)
        return fields.number_quality(number, self.number_event, limit=self.limit, old_limit=self.old_limit)


class AccountOrder(_ShortForm):
    field_name = fields.ACCOUNT

    account_event: str

    def _value(self, desk: Desk, at: int) -> dict[str, Any]:  # noqa: ARG002 - nothing is filled in
        return fields.account(self.account_event)


class AlertOrder(_ShortForm):
    field_name = fields.ALERTS

    alert: str
    severity: str = "INFORMATIONAL"
    status_name: str = Field(default="NONE", alias="alert_status")
    entity_type: str = "PHONE_NUMBER"
    entity_id: str | None = None

    def _value(self, desk: Desk, at: int) -> dict[str, Any]:  # noqa: ARG002 - no time in it
        entity = {"entity_type": self.entity_type, "entity_id": self.entity_id or desk.number}
        return fields.alert(self.alert, severity=self.severity, status=self.status_name, **entity)


class CapabilityOrder(_ShortForm):
    field_name = fields.CAPABILITY

    capability: str | int

    def _value(self, desk: Desk, at: int) -> dict[str, Any]:  # noqa: ARG002 - nothing is filled in
        return fields.capability(self.capability)


class PreferenceOrder(_ShortForm):
    field_name = fields.PREFERENCES

    preference: Literal["stop", "resume"]
    person: Digits = Field(alias="from")
    number: str | None = None
    at: int | None = None

    def _value(self, desk: Desk, at: int) -> dict[str, Any]:
        said_at = at if self.at is None else self.at
        return fields.preference(self.number or desk.number, self.person, self.preference, at=said_at)


class ErrorsOrder(_ShortForm):
    field_name = fields.MESSAGES

    errors: tuple[int, ...]
    number: str | None = None

    def _value(self, desk: Desk, at: int) -> dict[str, Any]:  # noqa: ARG002 - no time in it
        return fields.errors(self.number or desk.number, [errors_of(code) for code in self.errors])
