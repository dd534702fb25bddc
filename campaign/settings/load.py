"""From a file and the environment to a validated, frozen model, or to everything that is wrong with the file."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from campaign.domain.country_rules import CountryRule
from campaign.resources import resource
from campaign.settings.campaign_checks import check_campaign
from campaign.settings.campaign_file import CampaignFile
from campaign.settings.country_rules import CountryRulesFile, check_country_rules
from campaign.settings.document import Document, read_document
from campaign.settings.later import Kind, refuse_later
from campaign.settings.media_files import read_files
from campaign.settings.plain_words import blame
from campaign.settings.settings_file import Settings, check_settings
from campaign.settings.variants import written_messages

Model = TypeVar("Model", bound=BaseModel)


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read config/settings.yaml; raise ConfigurationErrors with every finding in it."""
    document = read_document(path, environ)
    value = refuse_later(document, "settings")
    settings = _validated(Settings, "settings", document, value)
    check_settings(document, value, settings)
    read = _or_raise(settings, document)
    return read if read.country_rules is None else read.ruled_by(load_country_rules(read.country_rules))


def load_campaign(path: Path, environ: Mapping[str, str], settings: Settings | None) -> CampaignFile:
    """Read a campaign's file; raise ConfigurationErrors. Without settings its shards and rate are not checked."""
    document = read_document(path, environ)
    value = refuse_later(document, "campaign")
    campaign = _validated(CampaignFile, "campaign", document, value)
    check_campaign(document, value, settings)
    # On-Premises knows no animated stickers. Source: Meta, On-Premises "Media".
    animated_stickers = settings is None or settings.account.dialect == "cloud"
    files = {
        place: file
        for keys, message in written_messages(value)
        for place, file in read_files(document, message, keys, animated_stickers=animated_stickers).items()
    }
    return _or_raise(campaign, document).carrying(files)


def load_country_rules(path: Path) -> tuple[CountryRule, ...]:
    """Read a file of country rules; raise ConfigurationErrors with every finding in it."""
    document = read_document(path, {})
    found = _validated(CountryRulesFile, "country_rules", document, document.value)
    check_country_rules(document)
    return _or_raise(found, document).rules


@cache
def bundled_country_rules() -> tuple[CountryRule, ...]:
    """Read the rules that come with the program."""
    with as_file(resource("config", "country_rules.yaml")) as path:
        return load_country_rules(path)


def _validated(model: type[Model], kind: Kind, document: Document, value: dict[str, Any]) -> Model | None:
    try:
        context = {"path": document.path, "folder": document.path.absolute().parent, "place": document.place}
        return model.model_validate(value, context=context)
    except ValidationError as failed:
        for error in failed.errors(include_url=False):
            blame(document, kind, error)
        return None


def _or_raise(model: Model | None, document: Document) -> Model:
    document.findings.raise_if_any()
    if model is None:
        document.findings.fail("the file cannot be used", "start from the sample in config/")
    return model
