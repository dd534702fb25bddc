"""config/campaigns/*.yaml: one campaign, who gets it and what."""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    ValidationInfo,
)

from campaign.domain.countries import home
from campaign.ports import MediaFile
from campaign.settings.budget import Budget
from campaign.settings.document import Path_
from campaign.settings.frequency import FrequencyCap
from campaign.settings.media_files import MediaFiles, frozen_message
from campaign.settings.quality import Ramp, StopIf
from campaign.settings.quantities import (
    Duration,
    DurationOrNone,
    Name,
    Percentage,
    Rate,
    Section,
    Whole,
    beside,
    between,
    matching,
    refuse,
    shown,
)
from campaign.settings.query import one_query
from campaign.settings.schedule import Schedule
from campaign.settings.secret import DatabaseUrl, without_password
from campaign.settings.variants import MESSAGE, MESSAGE_EXAMPLE, Variants, Wording

RECORDED_ELSEWHERE: Final = "recorded_elsewhere"
COLUMN: Final = matching(
    r"[^\s\x00-\x1f][^\x00-\x1f]{0,62}", "that is no column's name", "write it as the query returns it"
)
CONSENT_REMEDY: Final = (
    "write {column: COLUMN, source: WHERE} if the audience has a column with it, or 'recorded_elsewhere' if you keep it"
)


def _country(value: str) -> str:
    if home(value) is None:
        raise refuse(f"{shown(value)} is no country", "write its two letters, as in FR or GB")
    return value


def _beside_the_file(value: object, info: ValidationInfo) -> Path:
    return beside(value, info, "name a CSV file, relative to this one")


class Audience(Section):
    """Who: exactly one of query, list and file."""

    query: Annotated[str, AfterValidator(one_query)] | None = None
    list: Name | None = None
    file: Annotated[Path, BeforeValidator(_beside_the_file)] | None = None
    database: DatabaseUrl | None = None
    phone: Annotated[str, COLUMN] = "phone"
    country: Annotated[str, AfterValidator(_country)] | None = None
    numbers: Literal["national", "international"] = "national"

    @property
    def kind(self) -> Literal["query", "list", "file"]:
        """Name the one that is given."""
        if self.list is not None:
            return "list"
        return "file" if self.file is not None else "query"


class ConsentColumn(Section):
    """The audience's column that says who agreed, and where that was recorded."""

    column: Annotated[str, COLUMN] = Field(examples=["marketing_opt_in"])
    source: str | None = None


def _consent(value: object) -> object:
    if not isinstance(value, (dict, ConsentColumn)) and value != RECORDED_ELSEWHERE:
        raise refuse("that does not say where consent is recorded", CONSENT_REMEDY)
    return value


def _consent_kind(value: object) -> str:
    return "<elsewhere>" if value == RECORDED_ELSEWHERE else "<column>"


Consent = Annotated[
    Annotated[ConsentColumn, Tag("<column>")] | Annotated[Literal["recorded_elsewhere"], Tag("<elsewhere>")],
    Discriminator(_consent_kind),
    BeforeValidator(_consent),
]


class Quality(Section):
    """What held and rejected messages do to the run."""

    when_held: Literal["wait", "pause", "continue"] = "wait"
    when_limited: Literal["wait", "pause"] = "wait"
    ramp: Ramp | None = None
    stop_if: StopIf | None = None
    tolerate: Percentage = Field(default=0.02, json_schema_extra={"default": "2%"})
    settle: Annotated[Duration, between(timedelta(0), timedelta(hours=24), "0s to 24h")] = timedelta(seconds=60)


class Duplicates(Section):
    """For how long the same content never reaches the same person again."""

    within: DurationOrNone = timedelta(days=30)
    own_runs: Literal["allow", "refuse"] = "allow"


class MarketingMessages(Section):
    """What the Marketing Messages API is told beside the message; what is left out is WhatsApp's choice."""

    product_policy: Literal["CLOUD_API_FALLBACK", "STRICT"] | None = None
    message_activity_sharing: bool | None = None


class CampaignFile(Whole):
    """One campaign, as its file says it."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["message"]}, {"required": ["variants"]}]})

    campaign: Name = Field(examples=["spring-sale"])
    category: Literal["marketing", "utility", "authentication", "service"] = "marketing"
    priority: Literal["normal", "high"] = "normal"
    audience: Audience = Field(examples=["{query: SELECT ...}"])
    consent: Consent | None = None
    message: Mapping[str, Any] | None = Field(default=None, examples=[MESSAGE_EXAMPLE])
    variants: Variants | None = Field(default=None, examples=["[{name: short, share: 50%, message: {...}}, ...]"])
    via: Literal["messages", "marketing_messages"] = "messages"
    marketing_messages: MarketingMessages | None = None
    shards: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    rate: Rate | None = None
    schedule: Schedule | None = None
    budget: Budget | None = Field(default=None, examples=["500 EUR"])
    quality: Quality = Field(default_factory=Quality)
    duplicates: Duplicates = Field(default_factory=Duplicates)
    frequency: FrequencyCap | None = None

    _files: MediaFiles = PrivateAttr(default_factory=dict)

    def carrying(self, files: MediaFiles) -> Self:
        """Hold the files that the message names, as they were read."""
        self._files = files
        return self

    @property
    def files(self) -> tuple[MediaFile, ...]:
        """Give every file of the message once."""
        return tuple({file.sha256: file for file in self._files.values()}.values())

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """List the messages it sends, each as a run keeps it: one, or one for each variant."""
        if self.variants is None:
            return (Wording("", 1.0, self._frozen_message(self.message or {}, MESSAGE), MESSAGE),)
        placed = [(each, ("variants", index, "message")) for index, each in enumerate(self.variants)]
        return tuple(
            Wording(each.name, each.share, self._frozen_message(each.message, keys), keys) for each, keys in placed
        )

    def frozen(self) -> dict[str, Any]:
        """Return what a run keeps of its file, ready for JSON: no password, no path outside the file's folder."""
        return {
            "campaign": self.campaign,
            "category": self.category,
            "priority": self.priority,
            **self._frozen_messages(),
            "via": self._frozen_via(),
            "audience": self._frozen_audience(),
            "duplicates": self._frozen_duplicates(),
            "consent": self.consent.model_dump() if isinstance(self.consent, ConsentColumn) else self.consent,
            **self._frozen_restraint(),
            **({"schedule": self.schedule.frozen()} if self.schedule else {}),
        }

    def fingerprints(self) -> dict[str, str]:
        """Hash the sections a run cannot change after its launch."""
        frozen = self.frozen()
        sections = ["message" if self.variants is None else "variants", "audience", "duplicates"]
        if self.via != "messages":
            sections.append("via")
        # Rows are in the step they were planned for.
        sections += [section for section in ("ramp", "frequency") if section in frozen]
        return {section: _digest(frozen[section]) for section in sections}

    def _frozen_messages(self) -> dict[str, Any]:
        if self.variants is None:
            return {"message": self.wordings[0].message}
        listed = [{"name": each.name, "share": each.share, "message": each.message} for each in self.wordings]
        return {"variants": listed}

    def _frozen_message(self, message: Mapping[str, Any], keys: Path_) -> dict[str, Any]:
        return frozen_message(json.loads(json.dumps(message)), keys, self._files)

    def _frozen_via(self) -> dict[str, Any]:
        told = self.marketing_messages.model_dump(exclude_none=True) if self.marketing_messages else {}
        return {"endpoint": self.via, "members": told}

    def _frozen_audience(self) -> dict[str, Any]:
        audience = self.audience
        return {
            "query": audience.query,
            "list": audience.list,
            "file": os.path.relpath(audience.file, self._path.parent) if audience.file else None,
            "database": without_password(audience.database) if audience.database else None,
            "phone": audience.phone,
            "country": audience.country,
            "numbers": audience.numbers,
        }

    def _frozen_restraint(self) -> dict[str, Any]:
        cap, ramp = self.frequency, self.quality.ramp
        restraint: dict[str, Any] = {"ramp": list(ramp)} if ramp else {}
        if cap is not None:
            restraint["frequency"] = {"at_most": cap.at_most, "per_seconds": cap.per.total_seconds()}
        return restraint

    def _frozen_duplicates(self) -> dict[str, Any]:
        within = self.duplicates.within
        return {"within_seconds": within.total_seconds() if within else None, "own_runs": self.duplicates.own_runs}


def _digest(section: object) -> str:
    return sha256(json.dumps(section, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
