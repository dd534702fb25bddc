"""What validation found, in words for whoever wrote the file."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from campaign.settings.campaign_file import Audience, CampaignFile, ConsentColumn, Duplicates, Quality
from campaign.settings.document import Document, Path_
from campaign.settings.later import Kind
from campaign.settings.quantities import shown
from campaign.settings.settings_file import Account, Settings, Shard

Sentence = tuple[str, str]
SECTIONS: Final[Mapping[Kind, Mapping[str, type[BaseModel]]]] = {
    "settings": {"": Settings, "account": Account, "shards": Shard},
    "campaign": {
        "": CampaignFile,
        "audience": Audience,
        "consent": ConsentColumn,
        "quality": Quality,
        "duplicates": Duplicates,
    },
}
OTHER: Final[Mapping[Kind, Kind]] = {"settings": "campaign", "campaign": "settings"}
FILE_OF: Final[Mapping[Kind, str]] = {"settings": "the settings file", "campaign": "a campaign's file"}


def blame(document: Document, kind: Kind, error: ErrorDetails) -> None:
    """Note one error of validation at its line, unless that place has been blamed already."""
    path = _path(error["loc"])
    unknown = error["type"] == "extra_forbidden"
    place = document.place(path, key=unknown)
    if any((finding.line, finding.column) == place for finding in document.findings.noted):
        return
    what, remedy = _unknown(kind, path) if unknown else _sentence(kind, path, error)
    document.blame(path, what, remedy, key=unknown)


def _path(location: tuple[int | str, ...]) -> Path_:
    return tuple(step for step in location if not str(step).startswith("<"))


def _sentence(kind: Kind, path: Path_, error: ErrorDetails) -> Sentence:
    if error["type"] == "missing":
        return f"'{path[-1]}' is missing", _example(kind, path)
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
    remedy = f"did you mean '{near[0]}'?" if near else f"write {' or '.join(names)}"
    return f"{_named(path)}: {shown(error['input'])} is not possible here", remedy


def _keys(path: Path_, _error: ErrorDetails) -> Sentence:
    return f"{_named(path)}: keys and values are expected here", "indent them under it, one 'key: value' a line"


def _list(path: Path_, _error: ErrorDetails) -> Sentence:
    return f"{_named(path)}: a list is expected here", "start each item with a dash, or write [a, b]"


def _empty(path: Path_, _error: ErrorDetails) -> Sentence:
    return f"{_named(path)}: the list is empty", "write at least one item"


WORDS: Final[Mapping[str, Callable[[Path_, ErrorDetails], Sentence]]] = {
    "string_type": _text,
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


def _example(kind: Kind, path: Path_) -> str:
    field = SECTIONS[kind][_section(path)].model_fields[str(path[-1])]
    return f"write '{path[-1]}: {(field.examples or ['...'])[0]}'"


def _section(path: Path_) -> str:
    return next((step for step in path[:-1] if isinstance(step, str)), "")


def _unknown(kind: Kind, path: Path_) -> Sentence:
    key, known = str(path[-1]), list(SECTIONS[kind][_section(path)].model_fields)
    what = f"unknown key '{key[:40]}'"
    if near := get_close_matches(key, known, n=1):
        return what, f"did you mean '{near[0]}'?"
    if (home := _home(kind, key)) is not None:
        return what, f"it belongs {f'under {home!r}' if home else 'at the top'}"
    if (home := _home(OTHER[kind], key)) is not None:
        return what, f"it belongs into {FILE_OF[OTHER[kind]]}{f', under {home!r}' if home else ''}"
    return what, f"use one of {', '.join(known)}"


def _home(kind: Kind, key: str) -> str | None:
    return next((section for section, model in SECTIONS[kind].items() if key in model.model_fields), None)
