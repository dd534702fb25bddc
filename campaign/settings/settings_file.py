"""config/settings.yaml: the account, its shards, and where the ledger is."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from campaign.settings.document import Document
from campaign.settings.quantities import (
    BaseUrl,
    Duration,
    GraphId,
    InFlight,
    Section,
    Throughput,
    Whole,
    between,
    is_loopback,
    matching,
)
from campaign.settings.secret import AccessToken, AppSecret, DatabaseUrl, PersonKey, VerifyToken

SHARD_ID: Final = matching(
    r"[a-z0-9][a-z0-9_-]{0,31}",
    "that cannot be a shard's id",
    "use a-z, 0-9, '_' and '-', at most 32, beginning with a letter or digit",
)
VERSION: Final = matching(r"v\d{1,3}\.\d{1,3}", "that is no version of the API", "write it as v23.0")
NOT_BLANK: Final = matching(r".*\S.*", "the name is blank", "write one, or leave the key out")


class Account(Section):
    """The WhatsApp Business account that sends."""

    dialect: Literal["cloud"] = "cloud"
    base_url: BaseUrl = "https://graph.facebook.com"
    version: Annotated[str, VERSION] = Field(examples=["v23.0"])
    business_account_id: GraphId = Field(examples=["102290129340398"])
    access_token: AccessToken = Field(examples=["${WHATSAPP_TOKEN}"])
    app_secret: AppSecret | None = None
    verify_token: VerifyToken | None = None
    portfolio: Annotated[str, NOT_BLANK] | None = None
    portfolio_limit: Literal["auto", "unlimited"] = "auto"

    @property
    def portfolio_id(self) -> str:
        """Name who shares the limit on unique people."""
        return self.portfolio or self.business_account_id


class Shard(Section):
    """One sending lane: a phone number and its ceiling in messages per second."""

    id: Annotated[str, SHARD_ID] = Field(examples=["paris"])
    phone_number_id: GraphId = Field(examples=["106540352242922"])
    throughput: Throughput = 80.0


class Settings(Whole):
    """The settings of one installation."""

    database: DatabaseUrl | None = None
    account: Account = Field(examples=["{version: v23.0, ...}"])
    shards: tuple[Shard, ...] = Field(min_length=1, examples=['[{id: paris, phone_number_id: "106540352242922"}]'])
    person_key: PersonKey | None = None
    max_in_flight: InFlight = "auto"
    headroom: Annotated[Literal[0], AfterValidator(int)] = 0
    held_limit: Annotated[Duration, between(timedelta(minutes=1), timedelta(days=30), "1m to 30d")] = timedelta(
        hours=24
    )
    interval: Annotated[Duration, between(timedelta(seconds=1), timedelta(hours=1), "1s to 1h")] = timedelta(seconds=10)

    @property
    def home(self) -> Path:
        """The folder of the embedded ledger and its key: `.campaign` beside the folder of the settings file."""
        return self._path.parent.parent / ".campaign"

    def shard(self, name: str) -> Shard:
        """Find a shard by its id; raise KeyError."""
        return {shard.id: shard for shard in self.shards}[name]


def check_settings(document: Document, value: dict[str, Any]) -> None:
    """Blame what only several keys together make wrong."""
    shards = [shard if isinstance(shard, dict) else {} for shard in _list(value.get("shards"))]
    _check_unique(document, shards, "id", "give each shard an id of its own")
    _check_unique(document, shards, "phone_number_id", "a number has one ceiling: keep one shard for it")
    _check_unlimited(document, value, shards)


def _check_unique(document: Document, shards: list[dict[str, Any]], key: str, remedy: str) -> None:
    seen = Counter[str]()
    for index, shard in enumerate(shards):
        seen[str(shard.get(key))] += 1
        if key in shard and seen[str(shard[key])] > 1:
            document.blame(("shards", index, key), f"another shard has the same {key}", remedy)


def _check_unlimited(document: Document, value: dict[str, Any], shards: list[dict[str, Any]]) -> None:
    account = value.get("account")
    base_url = account.get("base_url") if isinstance(account, dict) else None
    for index, shard in enumerate(shards):
        if shard.get("throughput") == "unlimited" and not is_loopback(str(base_url)):
            what = "'unlimited' is for a loopback base_url alone"
            document.blame(("shards", index, "throughput"), what, "write the number's messages per second, as in 80")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
