"""How the simulated platform misbehaves: one value, loadable from a file, changeable while it runs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from campaign.simulator.condition import CanSend, Health, Number
from campaign.simulator.desk import Digits, Seconds
from campaign.simulator.dialect import Manner
from campaign.simulator.fault import Fault
from campaign.simulator.orders import Order
from campaign.simulator.templates import DEFAULT_TEMPLATES, Template

Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = tuple[Seconds, Seconds]
HttpStatus = Annotated[int, Field(ge=400, le=599)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Accept = Literal["accept"]


class ProfileError(Exception):
    """A profile that cannot be used; the text is for the person who wrote it."""


class OrderedStatus(BaseModel):
    """One status of a message that is told as ordered: so many seconds after it was accepted or released."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Annotated[str, Field(min_length=1)]
    after_s: Seconds = 0
    code: int | None = None


class Pricing(BaseModel):
    """Members of a status's price that are told as ordered; null leaves one out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    billable: bool | None = None
    category: str | None = None
    type: str | None = None
    pricing_model: str | None = None


class Release(StrEnum):
    AUTO = "auto"
    MANUAL = "manual"


class Profile(BaseModel):
    """What goes wrong, and how often. Everything defaults to nothing going wrong.

    Shares are probabilities from 0 to 1. A request meets at most one fault; where the shares add up to more than 1,
    those listed first win.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    latency_ms: Milliseconds = (0, 0)

    # Not accepted.
    respond_502: Share = 0
    drop: Share = 0
    hang: Share = 0
    redirect_307: Share = 0
    errors: dict[int, Share] = {}
    errors_of: dict[str, dict[int, Share]] = {}
    # What one person's requests are answered, one after another: codes, faults by name, or accept.
    answers: dict[Digits, tuple[int | Fault | Accept, ...]] = {}
    # Accepted, and the sender is not told properly.
    accept_then_reset: Share = 0
    accept_then_hang: Share = 0
    accept_then_502: Share = 0
    accept_then_truncate: Share = 0
    accept_then_no_id: Share = 0

    hang_s: Seconds = 120
    http_status: dict[int, HttpStatus] = {}
    pair_limit: bool = False
    template_checks: bool = False
    media_checks: bool = False
    window_checks: bool = False
    # How many people all numbers together may write to in a moving window, outside customer service windows. No page
    # names a code for one too many (error codes, 19 Nov 2025): 131048, On-Premises 471, unless another is written.
    portfolio_limit: Annotated[int, Field(ge=0)] | None = None
    portfolio_window_s: Annotated[Seconds, Field(gt=0)] = 24 * 3600
    portfolio_limit_code: int | None = None
    # Uploads: how long each takes, and the code that every one is refused with.
    upload_seconds: Seconds = 0
    upload_error: int | None = None
    # Ceilings in messages per second that hold instead of those of the command line.
    throughput: dict[str, Rate | Literal["unlimited"]] = {}

    # Marketing Messages API: whether the account has been let in, and whether /messages takes marketing templates too.
    marketing_onboarded: bool = True
    marketing_on_messages: bool = True

    # On-Premises: how long a login lasts; ceilings of one shard, and of all requests for messages together.
    token_seconds: Annotated[int, Field(gt=0)] = 7 * 24 * 3600
    shards: Literal[1, 2, 4, 8, 16, 32] = 1
    shard_throughput: Rate | None = None
    requests_per_second: Rate | None = None
    requests_burst: Annotated[int, Field(ge=1)] = 150

    held: Share = 0
    held_after: Annotated[int, Field(ge=0)] = 0
    held_at_most: Annotated[int, Field(ge=0)] | None = None
    held_release: Release = Release.AUTO
    held_release_after_s: Seconds = 0
    held_drop_share: Share = 0
    # 132015 as when quality pacing drops, or 132016; whether a drop pauses (or disables) the template.
    held_drop_code: Literal[132015, 132016] | None = None
    held_drop_pauses: bool = True
    held_green: bool = False

    delivered: Share = 0
    read: Share = 0
    played: Share = 0
    status_errors: dict[int, Share] = {}
    # What one person's messages are told, instead of what is drawn.
    statuses: dict[Digits, tuple[OrderedStatus, ...]] = {}
    # What one person's messages are told to cost, member by member, where it is not to be the usual price.
    pricing: dict[Digits, Pricing] = {}
    # How it is worded: v23 has conversations; since 2026 there are contacts, and people whose number is hidden.
    callback_data_on_failed: bool = True
    conversations: bool = False
    status_contacts: bool = False
    business_scoped: Share = 0

    webhook_delay_ms: Milliseconds = (0, 0)
    webhook_batch: Annotated[int, Field(ge=1, le=1000)] = 100
    # How many events each body carries, in turn, instead of as many as fall due at once up to webhook_batch.
    webhook_sizes: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = ()
    webhook_repeat: Share = 0
    webhook_resend_s: Seconds | None = None
    webhook_reorder: bool = False
    webhook_loss: Share = 0
    webhook_before_answer: Share = 0
    webhook_missigned: Share = 0

    # What is posted of itself, in seconds from when the profile is taken up.
    schedule: tuple[Order, ...] = ()

    refuse: bool = False
    refuse_for_s: Seconds = 0

    quality_rating: str = "GREEN"
    can_send_message: CanSend = "AVAILABLE"
    # Unique people in 24 h, in either spelling; null: not told.
    messaging_limit: str | int | None = "TIER_UNLIMITED"
    # What is said of single numbers instead, and of the account behind all of them.
    numbers: dict[Digits, Number] = {}
    health: tuple[Health, ...] = ()
    # Fields that this version of the API does not have.
    unknown_fields: tuple[str, ...] = ()
    template_access: bool = True
    templates_per_page: Annotated[int, Field(ge=1)] | None = None
    templates: tuple[Template, ...] = DEFAULT_TEMPLATES

    @model_validator(mode="after")
    def _ranges_ascend(self) -> Self:
        for name, (low, high) in (("latency_ms", self.latency_ms), ("webhook_delay_ms", self.webhook_delay_ms)):
            if low > high:
                raise ValueError(f"{name}: [{low:g}, {high:g}] runs backwards; write [shortest, longest]")
        return self

    @property
    def manner(self) -> Manner:
        """How webhooks are worded."""
        pricing = {person: each.model_dump(exclude_unset=True) for person, each in self.pricing.items()}
        return Manner(
            self.callback_data_on_failed, self.conversations, self.status_contacts, self.business_scoped, pricing
        )

    def changed(self, patch: dict[str, Any]) -> "Profile":
        """Apply a live change. Raises ProfileError, naming each field that is wrong."""
        return checked({**self.model_dump(), **patch}, where="faults")


def checked(fields: object, *, where: str) -> Profile:
    """Validate the fields of a profile. Raises ProfileError, naming each field that is wrong."""
    try:
        return Profile.model_validate(fields)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'profile'}: {e['msg']}" for e in error.errors())
        raise ProfileError(f"{where}: {wrong}") from None


def from_file(path: Path) -> Profile:
    """Read a profile from a YAML file. Raises ProfileError."""
    try:
        fields = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(f"{path}: {error.strerror}; name a profile or a YAML file") from None
    except YAMLError as error:
        raise ProfileError(f"{path}: not YAML: {error}") from None
    return checked(fields or {}, where=str(path))
