"""What validation found, in words for whoever wrote the file."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from campaign.settings.accounts import DIALECTS, CloudAccount, OnPremisesAccount, Requests, dialect_of
from campaign.settings.campaign_file import (
    Audience,
    CampaignFile,
    ConsentColumn,
    Duplicates,
    MarketingMessages,
    Quality,
)
from campaign.settings.country_rules import CountryRulesFile, WrittenRule
from campaign.settings.document import Document, Path_
from campaign.settings.frequency import FrequencyCap
from campaign.settings.later import Kind
from campaign.settings.opt_out import OptOuts
from campaign.settings.quality import StopIf
from campaign.settings.quantities import one_of, shown
from campaign.settings.retention import Retention
from campaign.settings.schedule import Schedule
from campaign.settings.settings_file import Settings
from campaign.settings.shards import ClientShards, Number
from campaign.settings.variants import Variant

Sentence = tuple[str, str]
SECTIONS: Final[Mapping[Kind, Mapping[str, type[BaseModel]]]] = {
    "settings": {
        "": Settings,
        "account": CloudAccount,
        "shards": Number,
        "requests": Requests,
        "opt_out": OptOuts,
        "retention": Retention,
    },
    "campaign": {
        "": CampaignFile,
        "audience": Audience,
        "consent": ConsentColumn,
        "quality": Quality,
        "stop_if": StopIf,
        "frequency": FrequencyCap,
        "duplicates": Duplicates,
        "schedule": Schedule,
        "marketing_messages": MarketingMessages,
        "variants": Variant,
    },
    "country_rules": {"": CountryRulesFile, "rules": WrittenRule},
}
# The sections that one dialect has and the other has not.
OF_DIALECT: Final[Mapping[str, Mapping[str, type[BaseModel]]]] = {
    "cloud": {"account": CloudAccount, "shards": Number},
    "on_premises": {"account": OnPremisesAccount, "shards": ClientShards},
}
OTHER: Final[Mapping[Kind, Kind]] = {"settings": "campaign", "campaign": "settings", "country_rules": "settings"}
FILE_OF: Final[Mapping[Kind, str]] = {
    "settings": "the settings file",
    "campaign": "a campaign's file",
    "country_rules": "the file of country rules",
}


def blame(document: Document, kind: Kind, error: ErrorDetails) -> None:
    """Note one error of validation at its line; a value that has been blamed already is not blamed twice."""
    path = _path(error["loc"])
    if error["type"] == "default_factory_not_called" or _for_want_of_a_dialect(document, path):
        return
    unknown = error["type"] == "extra_forbidden"
    place = document.place(path, key=unknown)
    # A key that is missing or unknown is a finding of its own, whatever stands at the same place.
    of_a_value = error["type"] not in {"missing", "extra_forbidden"}
    if of_a_value and any((finding.line, finding.column) == place for finding in document.findings.noted):
        return
    dialect = dialect_of(document.value.get("account"))
    what, remedy = _unknown(kind, path, dialect) if unknown else _sentence(_models(kind, dialect), path, error)
    document.blame(path, what, remedy, key=unknown)


def _path(location: tuple[int | str, ...]) -> Path_:
    return tuple(step for step in location if not str(step).startswith(("<", "[")))


def _for_want_of_a_dialect(document: Document, path: Path_) -> bool:
    """Tell whether nothing can be said about a section before its dialect is known."""
    account = document.value.get("account")
    said = account.get("dialect", DIALECTS[0]) if isinstance(account, dict) else DIALECTS[0]
    return said not in DIALECTS and set(path[:1]) <= OF_DIALECT[DIALECTS[0]].keys() and path != ("account", "dialect")


def _models(kind: Kind, dialect: str) -> Mapping[str, type[BaseModel]]:
    return {**SECTIONS[kind], **(OF_DIALECT[dialect] if kind == "settings" else {})}


def _sentence(models: Mapping[str, type[BaseModel]], path: Path_, error: ErrorDetails) -> Sentence:
    if error["type"] == "missing":
        return f"'{path[-1]}' is missing", _example(models, path)
    if error["type"] == "refused":
        return f"{_named(path)}: {error['ctx']['what']}", error["ctx"]["remedy"]
    words = WORDS.get(error["type"])
    return words(path, error) if words else (f"{_named(path)}: {error['msg']}", "see `campaign schema`")


def _text(path: Path_, error: ErrorDetails) -> Sentence:
    number = isinstance(error["input"], (int, float))
    return f"{_named(path)}: text is expected here", "put it in quotes" if number else "write one text"


def _choice(path: Path_, error: ErrorDetails) -> Sentence:
    allowed = re.findall(r"'([^']*)'|(\d+)", error["ctx"]["expected"])
    names = [word or number for word, number in allowed]
    near = get_close_matches(str(error["input"]), names, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"write {one_of(names)}"
    return f"{_named(path)}: {shown(error['input'])} is not possible here", remedy


def _keys(path: Path_, _error: ErrorDetails) -> Sentence:
    return f"{_named(path)}: keys and values are expected here", "indent them under it, one 'key: value' a line"


def _list(path: Path_, _error: ErrorDetails) -> Sentence:
    return f"{_named(path)}: a list is expected here", "start each item with a dash, or write [a, b]"


def _empty(path: Path_, _error: ErrorDetails) -> Sentence:
    return f"{_named(path)}: the list is empty", "write at least one item"


def _yes_or_no(path: Path_, error: ErrorDetails) -> Sentence:
    return f"{_named(path)}: {shown(error['input'])} is neither true nor false", "write true or false"


WORDS: Final[Mapping[str, Callable[[Path_, ErrorDetails], Sentence]]] = {
    "string_type": _text,
    "bool_type": _yes_or_no,
    "bool_parsing": _yes_or_no,
    "literal_error": _choice,
    "model_type": _keys,
    "dict_type": _keys,
    "mapping_type": _keys,
    "list_type": _list,
    "tuple_type": _list,
    "too_short": _empty,
}


def _named(path: Path_) -> str:
    words = [step for step in path if isinstance(step, str)]
    return words[-1] if words else "the file"


def _example(models: Mapping[str, type[BaseModel]], path: Path_) -> str:
    field = _keys_of(models[_section(models, path)])[str(path[-1])]
    return f"write '{path[-1]}: {(field.examples or ['...'])[0]}'"


def _keys_of(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _section(models: Mapping[str, type[BaseModel]], path: Path_) -> str:
    return next((step for step in reversed(path[:-1]) if isinstance(step, str) and step in models), "")


def _unknown(kind: Kind, path: Path_, dialect: str) -> Sentence:
    models = _models(kind, dialect)
    key, section = str(path[-1]), _section(models, path)
    what, known = f"unknown key {shown(key, '')}".rstrip(), list(_keys_of(models[section]))
    if (other := _other_dialect(kind, section, key, dialect)) is not None:
        return f"'{key}' goes with `dialect: {other}`", f"leave it out, or write `dialect: {other}`"
    # The very same key elsewhere says more than a similar one here.
    if (home := _home(models, key)) is not None:
        return what, f"it belongs {f'under {home!r}' if home else 'at the top'}"
    if (home := _home(SECTIONS[OTHER[kind]], key)) is not None:
        return what, f"it belongs into {FILE_OF[OTHER[kind]]}{f', under {home!r}' if home else ''}"
    if near := get_close_matches(key, known, n=1):
        return what, f"did you mean '{near[0]}'?"
    return what, f"use one of {', '.join(known)}"


def _other_dialect(kind: Kind, section: str, key: str, dialect: str) -> str | None:
    for other, models in OF_DIALECT.items():
        if kind == "settings" and other != dialect and section in models and key in _keys_of(models[section]):
            return other
    return None


def _home(models: Mapping[str, type[BaseModel]], key: str) -> str | None:
    return next((section for section, model in models.items() if key in _keys_of(model)), None)
