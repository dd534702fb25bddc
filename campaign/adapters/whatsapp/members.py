"""What a member of an answer holds, as far as it has the shape it should have."""

from collections.abc import Iterator
from typing import Any, Final

LONGEST_WORD: Final = 64


def objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Give the objects of a list; nothing where there is no list."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def word(value: Any) -> str:  # noqa: ANN401 - JSON
    """Give a text, and an empty one for anything else."""
    return value if isinstance(value, str) else ""


def own_word(value: Any) -> str:  # noqa: ANN401 - JSON
    """Give one of WhatsApp's own words, as APPROVED; what is none stays recognisable, but short and harmless."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in word(value)[:LONGEST_WORD])
