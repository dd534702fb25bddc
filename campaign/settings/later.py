"""Keys and values this release knows of and does not do yet: refused by name, never silently accepted."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from campaign.settings.document import Document, Path_

Kind = Literal["settings", "campaign", "country_rules"]

LATER_KEYS: Final[Mapping[Kind, Mapping[tuple[str, ...], str]]] = {
    "settings": {
        ("alerts",): "leave it out, and let the scheduler mail on the exit code",
        ("dashboard",): "leave it out",
        ("support",): "leave it out",
    },
    "campaign": {
        ("schedule", "cron"): "leave it out, and let cron start `campaign launch`",
        ("schedule", "late"): "leave it out: it goes with 'cron'",
        ("schedule", "grace"): "leave it out: it goes with 'cron'",
        ("schedule", "overlap"): "leave it out: it goes with 'cron'",
        ("audience", "run"): "select those people with a query",
    },
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
