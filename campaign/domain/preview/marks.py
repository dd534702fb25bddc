"""What WhatsApp makes of the marks in a text: *bold*, _italic_, ~struck~, ```monospace``` and `code`.

Source: WhatsApp Help Center, "How to format your messages", Nov 2025.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

# A mark opens before a character that is no blank and closes after one; within a word it is a mere sign.
_MARKED: Final = re.compile(
    r"```(?P<block>.+?)```"
    r"|(?<![\w`])`(?P<code>[^`\n]+)`(?![\w`])"
    r"|(?<![\w*~])(?P<mark>[*_~])(?P<inner>\S(?:[^\n]*?\S)??)(?P=mark)(?![\w*~])",
    re.DOTALL,
)

# Controls become the pictures Unicode has of them; what turns the direction of a text would turn the page around it.
# Half of a pair, as a file's name may have, can be written nowhere.
_TURNING: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_NEUTRAL: Final[Mapping[int, int | None]] = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys(_TURNING),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
    ord("\t"): ord(" "),
    ord("\n"): ord("\n"),
    ord("\r"): None,
    0x2028: ord("\n"),
    0x2029: ord("\n"),
}


class Span(NamedTuple):
    """A piece of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    struck: bool = False
    mono: bool = False


def neutral(text: str) -> str:
    """Make a text harmless where it is shown: no control character acts, none turns the direction around it."""
    return text.translate(_NEUTRAL)


def spans(text: str) -> list[Span]:
    """Cut a text into pieces of one style, without the marks."""
    return list(_spans(text, Span("")))


def _spans(text: str, style: Span) -> Iterator[Span]:
    end = 0
    for found in _MARKED.finditer(text):
        if found.start() > end:
            yield style._replace(text=text[end : found.start()])
        end = found.end()
        mono = found["block"] or found["code"]
        if mono:
            yield style._replace(text=mono, mono=True)
        else:
            yield from _spans(found["inner"], _styled(style, found["mark"]))
    if end < len(text):
        yield style._replace(text=text[end:])


def _styled(style: Span, mark: str) -> Span:
    match mark:
        case "*":
            return style._replace(bold=True)
        case "_":
            return style._replace(italic=True)
        case _:
            return style._replace(struck=True)
