"""`campaign templates` and `campaign new`: what the account has, and a campaign's file made of it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from campaign.adapters.whatsapp.account import CloudAccount
from campaign.adapters.whatsapp.templates import Listing, Untold
from campaign.bootstrap.whatsapp import open_account, placed
from campaign.domain.campaign_draft import columns_of, draft
from campaign.domain.errors import CampaignError, ConfigurationError
from campaign.domain.template_definition import APPROVED, TemplateDefinition
from campaign.settings import ConfigurationErrors, Settings, load_campaign
from campaign.settings.quantities import Name

_NO_LIST: Final = "On-Premises there is no list of templates"
_SAMPLES: Final = "start from a sample in config/campaigns, with the template's name, language and components"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A file that was written, the columns its people need, and what has to be put right in it before it is usable."""

    path: Path
    definition: TemplateDefinition
    columns: Sequence[str]
    left: Sequence[CampaignError]

    @property
    def is_sendable(self) -> bool:
        return self.definition.status == APPROVED


async def list_templates(settings: Settings) -> Sequence[TemplateDefinition]:
    """List the account's templates by name and language; raises CampaignError where they cannot be told."""
    listing = await _listing(settings)
    if listing.untold is not None and not listing.templates:
        raise _untold(settings, listing.untold)
    return sorted(listing.templates, key=lambda each: (each.name, each.language))


async def new_campaign(settings: Settings, name: str, *, folder: Path, template: str, language: str | None) -> Drafted:
    """Write `folder`/NAME.yaml for a template; raises CampaignError, and never writes over a file."""
    _check(name)
    path = folder / f"{name}.yaml"
    if path.exists():
        raise _there(path)
    definition = await _definition(settings, template, language)
    text = draft(definition, name=name, file=str(path))
    _write(path, text)
    return Drafted(path, definition, _columns(definition, text), _left(path, settings))


async def _listing(settings: Settings, name: str | None = None) -> Listing:
    with placed(settings):
        async with open_account(settings) as account:
            if isinstance(account, CloudAccount):
                return await account.templates(name)
    raise ConfigurationError(_NO_LIST, where=settings.where("account", "dialect"), remedy=_SAMPLES)


def _untold(settings: Settings, untold: Untold) -> ConfigurationError:
    return ConfigurationError(untold.what, where=settings.where("account"), remedy=untold.remedy)


async def _definition(settings: Settings, template: str, language: str | None) -> TemplateDefinition:
    listing = await _listing(settings, template)
    there = {each.language: each for each in listing.templates}
    if not there:
        if listing.untold is not None:
            raise _untold(settings, listing.untold)
        raise await _unknown(settings, template)
    if language is None and len(there) == 1:
        return next(iter(there.values()))
    if language not in there:
        what = f"'{template}' is there in {', '.join(sorted(there))}"
        raise ConfigurationError(what, where="--language", remedy=f"write --language {min(there)}, or another of them")
    return there[language]


async def _unknown(settings: Settings, template: str) -> ConfigurationError:
    names = sorted({each.name for each in (await _listing(settings)).templates})
    near = get_close_matches(template, names, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else "see `campaign templates` for those there are"
    return ConfigurationError(f"the account has no template '{template}'", where="--template", remedy=remedy)


def _check(name: str) -> None:
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        said = error.errors()[0].get("ctx", {})
        raise ConfigurationError(str(said.get("what")), where="NAME", remedy=str(said.get("remedy"))) from None


def _there(path: Path) -> ConfigurationError:
    return ConfigurationError("there is such a file already", where=str(path), remedy="choose another name, or move it")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _there(path) from None
    except OSError as error:
        what = f"the file cannot be written ({error.strerror})"
        raise ConfigurationError(what, where=str(path), remedy="see who may write there") from None


def _columns(definition: TemplateDefinition, text: str) -> list[str]:
    consent = ["marketing_opt_in"] if definition.category in ("", "MARKETING") else []
    return ["phone", *consent, *columns_of(text)]


def _left(path: Path, settings: Settings) -> Sequence[CampaignError]:
    """Say what only a person can put right, where a template has what nobody can make up."""
    try:
        load_campaign(path, os.environ, settings)
    except ConfigurationErrors as errors:
        return errors.findings
    return ()
