"""Keys and values this release knows of and does not do yet: refused by name, never silently accepted."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from campaign.settings.document import Document, Path_

Kind = Literal["settings", "campaign"]

LATER_KEYS: Final[Mapping[Kind, Mapping[tuple[str, ...], str]]] = {
    "settings": {
        ("alerts",): "leave it out, and let the scheduler mail on the exit code",
        ("dashboard",): "leave it out",
        ("support",): "leave it out",
        ("country_rules",): "leave it out, and choose countries in the query",
        ("portfolio_window",): "leave it out",
    },
    "campaign": {
        ("schedule",): "leave it out, and let cron start `campaign launch`",
        ("variants",): "write one campaign per variant",
        ("frequency",): "leave it out, and limit the frequency in the query",
        ("budget",): "leave it out, and LIMIT the query",
        ("quality", "ramp"): "leave it out, and LIMIT the query for a first, small campaign",
        ("quality", "stop_if"): "leave it out",
        ("audience", "run"): "select those people with a query",
    },
}

LATER_VALUES: Final[Mapping[Kind, Mapping[tuple[str, ...], tuple[tuple[object, ...], str]]]] = {
    "settings": {
        ("account", "portfolio_limit"): ((250, 2000, 10000, 100000), "write auto or unlimited"),
    },
    "campaign": {},
}


def refuse_later(document: Document, kind: Kind) -> dict[str, Any]:
    """Blame what belongs to a later release, and return the values without it."""
    value = document.value
    for path, remedy in LATER_KEYS[kind].items():
        if _at(value, path[:-1], path[-1]):
            document.blame(path, f"'{path[-1]}' is not supported yet", remedy, key=True)
            value = _without(value, path)
    for path, what, remedy in _later_values(value, kind):
        document.blame(path, f"{what} is not supported yet", remedy)
        value = _without(value, path)
    return value


def _later_values(value: Mapping[str, Any], kind: Kind) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for path, (later, remedy) in LATER_VALUES[kind].items():
        found = _found(value, path)
        if found is not None and found in later:
            yield path, f"'{path[-1]}: {found}'", remedy
    if kind == "settings" and isinstance(value.get("database"), dict):
        yield ("database",), "a database per role", "write one URL"


def _at(value: Mapping[str, Any], path: Path_, key: str) -> bool:
    holder = _found(value, path)
    return isinstance(holder, dict) and key in holder


def _found(value: Any, path: Path_) -> Any:  # noqa: ANN401 - a YAML value is any JSON value
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _without(value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    head, *rest = path
    if rest:
        return {**value, head: _without(value[head], tuple(rest))}
    return {key: kept for key, kept in value.items() if key != head}
