"""Something wrong inside a message, and how its place is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Path = tuple[str | int, ...]
Dialect = Literal["cloud", "on_premises"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong inside a message: where in it, what, and what to do now."""

    path: Path
    what: str
    remedy: str


def spelled(path: Path) -> str:
    """Write a path as people do: `message.template.components[0].type`."""
    return "message" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def has_expression(text: str) -> bool:
    return "{{" in text or "{%" in text


def nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """Ask for the nearest word there is, or say what is there."""
    near = get_close_matches(word, list(known), n=1)
    return f"did you mean '{near[0]}'?" if near else otherwise
