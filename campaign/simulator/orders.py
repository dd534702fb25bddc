"""What is to be posted to the webhook, as an experiment orders it: now or later, once or repeatedly."""

import base64
import binascii
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, TypeAdapter, ValidationError, model_validator

from campaign.simulator import news
from campaign.simulator.desk import Desk, Digits, Timed
from campaign.simulator.dialect import Message, RawEvent, StatusEvent, Submission


class StatusOrder(Timed):
    """A status of any message, ours or not; without an id of one that nobody sent."""

    status: str
    person: Digits = Field(alias="to")
    id: str | None = None
    number: str | None = None
    code: int | None = None
    callback_data: str | None = None
    at: float | None = None

    def event(self, desk: Desk) -> StatusEvent:
        message_id = self.id or desk.dialect.new_message_id(self.person)
        at = desk.now if self.at is None else self.at
        message = _stranger(self.person, self.number or desk.number, message_id, self.callback_data)
        return StatusEvent(message, self.status, at, self.code)


class DeletedOrder(Timed):
    """A person takes back what they wrote; `from` and `number` only where it was not written here."""

    deleted: str
    person: Digits | None = Field(default=None, alias="from")
    number: str | None = None

    def event(self, desk: Desk) -> StatusEvent:
        number, person = desk.windows.written(self.deleted) or (desk.number, "")
        message = _stranger(self.person or person, self.number or number, self.deleted, None)
        return StatusEvent(message, "deleted", desk.now)


class RawOrder(Timed):
    """A body as it is. `signed` true: as agreed; false: not at all; a text: that is the signature."""

    raw: str | None = None
    raw_base64: str | None = None
    signed: bool | str = True

    @model_validator(mode="after")
    def _is_one_body(self) -> Self:
        if (self.raw is None) == (self.raw_base64 is None):
            raise ValueError("write raw or raw_base64")
        try:
            self.body()
        except (binascii.Error, ValueError):
            raise ValueError("raw_base64 is not base64") from None
        return self

    def body(self) -> bytes:
        return (
            (self.raw or "").encode() if self.raw_base64 is None else base64.b64decode(self.raw_base64, validate=True)
        )

    def event(self, desk: Desk) -> RawEvent:  # noqa: ARG002 - nothing is filled in
        return RawEvent(self.body(), None if self.signed is True else self.signed or "")


_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "raw": "raw",
        "raw_base64": "raw",
        "field": "field",
        "template": "template",
        "number_event": "number_event",
        "account_event": "account_event",
        "alert": "alert",
        "capability": "capability",
        "preference": "preference",
        "errors": "errors",
        "status": "status",
        "deleted": "deleted",
    }
)


def _kind(order: object) -> str | None:
    """Tell by the key that only one kind of order has."""
    if isinstance(order, Timed):
        order = order.model_dump(exclude_defaults=True)
    if not isinstance(order, dict):
        return None
    return next((kind for key, kind in _KINDS.items() if order.get(key) is not None), None)


Order = Annotated[
    Annotated[RawOrder, Tag("raw")]
    | Annotated[news.FieldOrder, Tag("field")]
    | Annotated[news.TemplateOrder, Tag("template")]
    | Annotated[news.NumberOrder, Tag("number_event")]
    | Annotated[news.AccountOrder, Tag("account_event")]
    | Annotated[news.AlertOrder, Tag("alert")]
    | Annotated[news.CapabilityOrder, Tag("capability")]
    | Annotated[news.PreferenceOrder, Tag("preference")]
    | Annotated[news.ErrorsOrder, Tag("errors")]
    | Annotated[StatusOrder, Tag("status")]
    | Annotated[DeletedOrder, Tag("deleted")],
    Discriminator(
        _kind,
        custom_error_type="order",
        custom_error_message=f"an order has one of {', '.join(_KINDS)}",
    ),
]

_READER: TypeAdapter[Order] = TypeAdapter(Order)


def order_of(written: object) -> Order | str:
    """Read an order, or say what is wrong with it, field by field."""
    try:
        return _READER.validate_python(written)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'order'}: {e['msg']}" for e in error.errors())


def _stranger(person: str, number: str, message_id: str, callback_data: str | None) -> Message:
    """Make up a message that this simulator need not have accepted."""
    submission = Submission(to=person, person=person, content="", callback_data=callback_data, template=None)
    return Message(0, 0.0, number, message_id, submission, "service", held=False)
