"""config/settings.yaml: the account, its shards, and where the ledger is."""

from collections import Counter
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr

from campaign.domain.country_rules import CountryRule
from campaign.domain.portfolio import SPAN
from campaign.settings.accounts import Account, check_account
from campaign.settings.answers import Answers
from campaign.settings.budget import RatesPath
from campaign.settings.country_rules import RulesPath
from campaign.settings.document import Document
from campaign.settings.opt_out import OptOuts
from campaign.settings.portfolio import PortfolioWindow
from campaign.settings.quantities import Duration, Headroom, InFlight, Whole, between, is_loopback
from campaign.settings.retention import Retention
from campaign.settings.secret import DatabaseUrl, PersonKey, Secret
from campaign.settings.shards import ClientShards, Shard, WrittenShards, shards_of, throughputs


class Settings(Whole):
    """The settings of one installation."""

    database: DatabaseUrl | None = None
    account: Account = Field(examples=["{version: v23.0, ...}"])
    written_shards: WrittenShards = Field(
        alias="shards", examples=['[{id: paris, phone_number_id: "106540352242922"}]']
    )
    person_key: PersonKey | None = None
    max_in_flight: InFlight = "auto"
    headroom: Headroom = 0.0
    answers: Answers = Field(default_factory=dict)
    opt_out: OptOuts = Field(default_factory=OptOuts)
    held_limit: Annotated[Duration, between(timedelta(minutes=1), timedelta(days=30), "1m to 30d")] = timedelta(
        hours=24
    )
    portfolio_window: PortfolioWindow = SPAN
    retention: Retention = Field(default_factory=Retention)
    country_rules: RulesPath | None = None
    rates: RatesPath | None = None
    interval: Annotated[Duration, between(timedelta(seconds=1), timedelta(hours=1), "1s to 1h")] = timedelta(seconds=10)

    _country_rules: tuple[CountryRule, ...] | None = PrivateAttr(default=None)

    def ruled_by(self, rules: tuple[CountryRule, ...]) -> Self:
        """Hold the rules of the file that `country_rules` names, as they were read."""
        self._country_rules = rules
        return self

    @property
    def own_country_rules(self) -> tuple[CountryRule, ...] | None:
        """Give the rules that replace the bundled ones; None where nothing does."""
        return self._country_rules

    @property
    def rates_path(self) -> Path | None:
        """Where the rate cards are: as written, else `rates` beside the settings file if that is there."""
        beside = self._path.parent / "rates"
        return self.rates or (beside if beside.is_dir() else None)

    @property
    def home(self) -> Path:
        """The folder of the embedded ledger and its key: `.campaign` beside the folder of the settings file."""
        return self._path.parent.parent / ".campaign"

    @cached_property
    def shards(self) -> tuple[Shard, ...]:
        """Every sending lane; those of an On-Premises client are `shard-01` and on."""
        return shards_of(self.written_shards)

    @property
    def client(self) -> ClientShards | None:
        """The On-Premises client that all shards are parts of; None for the Cloud API."""
        return self.written_shards if isinstance(self.written_shards, ClientShards) else None

    @property
    def shard_ids(self) -> frozenset[str]:
        """Name the shards there are."""
        return frozenset(shard.id for shard in self.shards)

    def shard(self, name: str) -> Shard:
        """Find a shard by its id; raise KeyError."""
        return {shard.id: shard for shard in self.shards}[name]

    def reread(self) -> list[str]:
        """Read the account's secrets from their files again; names those that changed."""
        return [name for name, secret in self._secrets() if secret.reread()]

    def missing_secrets(self) -> list[str]:
        """Name the account's secrets whose files hold none that is usable now; those that were read still count."""
        return [name for name, secret in self._secrets() if not secret.is_there()]

    def _secrets(self) -> list[tuple[str, Secret]]:
        values = ((name, getattr(self.account, name)) for name in type(self.account).model_fields)
        return [(name, value) for name, value in values if isinstance(value, Secret)]


def check_settings(document: Document, value: dict[str, Any], settings: Settings | None) -> None:
    """Blame what only several keys together make wrong; `settings` is None if single ones are wrong already."""
    account, shards = value.get("account"), value.get("shards")
    account = account if isinstance(account, dict) else {}
    check_account(document, account)
    _check_dialect(document, account, shards)
    listed = [shard if isinstance(shard, dict) else {} for shard in shards] if isinstance(shards, list) else []
    _check_unique(document, listed, "id", "give each shard an id of its own")
    _check_unique(document, listed, "phone_number_id", "a number has one ceiling: keep one shard for it")
    _check_unlimited(document, account, shards)
    if settings is not None:
        _check_headroom(document, settings)


def _check_dialect(document: Document, account: dict[str, Any], shards: object) -> None:
    dialect = account.get("dialect", "cloud")
    if dialect == "on_premises" and isinstance(shards, list):
        remedy = "write shards: {count: 1}, or how many the client has; its number is not named here"
        document.blame(("shards",), "the shards of an On-Premises client are counted, not listed", remedy)
    elif dialect == "cloud" and isinstance(shards, dict):
        remedy = 'list them: [{id: paris, phone_number_id: "106540352242922"}]; only `dialect: on_premises` counts them'
        document.blame(("shards",), "the shards of a Cloud API account are its phone numbers", remedy)


def _check_unique(document: Document, shards: list[dict[str, Any]], key: str, remedy: str) -> None:
    seen = Counter[str]()
    for index, shard in enumerate(shards):
        seen[str(shard.get(key))] += 1
        if key in shard and seen[str(shard[key])] > 1:
            document.blame(("shards", index, key), f"another shard has the same {key}", remedy)


def _check_unlimited(document: Document, account: dict[str, Any], shards: object) -> None:
    for path, throughput in throughputs(shards):
        if throughput == "unlimited" and not is_loopback(str(account.get("base_url"))):
            what = "'unlimited' is for a loopback base_url alone"
            document.blame(path, what, "write the number's messages per second, as in 80")


def _check_headroom(document: Document, settings: Settings) -> None:
    ceilings = [each.throughput for each in ((settings.client,) if settings.client else settings.shards)]
    slowest = min(float("inf") if each == "unlimited" else each for each in ceilings)
    if settings.headroom != "auto" and settings.headroom >= slowest:
        what = f"headroom: {settings.headroom:g} leaves nothing of {slowest:g} messages per second"
        document.blame(("headroom",), what, "write less than the slowest shard's throughput, or auto")
