"""Messages as phones show them, drawn in the terminal."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.rule import Rule
from rich.segment import Segment
from rich.text import Text

from campaign.bootstrap.previewing import Shown
from campaign.domain.preview import Bubble, Button, Card, Filled, Media, Section, spans

# Three stand beside each other on a hundred columns.
WIDTH: Final = 31

# A mark that keeps a line's order from left to right around words that run the other way.
_LEFT_TO_RIGHT: Final = "\u200e"
_OTHER_WAY: Final = frozenset({"R", "AL"})

ICONS: Final = {"reply": "↩", "url": "↗", "copy": "⧉", "call": "☎", "open": "≡"}


def examples(shown: Sequence[Shown]) -> RenderableType:
    """Lay messages out beside each other, as far as there is room."""
    return Columns([Group(Text(caption(each), "dim"), bubble(each.bubble)) for each in shown], padding=(0, 2))


def caption(each: Shown) -> str:
    """Say whose message it is."""
    variant = f", {each.variant}" if each.variant else ""
    return f"row {each.row:,}, {each.number}{variant}"


def bubble(message: Bubble, *, width: int = WIDTH) -> RenderableType:
    """Draw one message."""
    parts = [*_parts(message)]
    panel = Panel(Group(*parts) if parts else Text("(empty)", "dim"), width=width, border_style="green")
    return Group(panel, *(_card(at, each, width) for at, each in enumerate(message.cards, start=1)))


def _parts(message: Bubble) -> Iterator[RenderableType]:
    if message.template and not message.known:
        yield Text(f"template {message.template}", "dim italic")
    if message.media is not None:
        yield _media(message.media)
    if message.title:
        yield _words(message.title, "bold")
    if message.body:
        yield _words(message.body)
    yield from _filled(message.filled)
    if message.footer:
        yield _words(message.footer, "dim")
    yield from _buttons(message.buttons)
    yield from _sections(message.sections)


def _card(at: int, card: Card, width: int) -> RenderableType:
    parts: list[RenderableType] = [_media(card.media)] if card.media is not None else []
    parts += [_words(card.body)] if card.body else []
    parts += [*_filled(card.filled), *_buttons(card.buttons)]
    return Panel(Group(*parts), width=width, title=f"card {at}", title_align="left", border_style="dim green")


def _media(media: Media) -> RenderableType:
    named = f" {media.name}" if media.name else ""
    text = Text.assemble((f"[{media.kind}]", "cyan"), named)
    return _Upright(text.append(f"\n{media.detail}", "dim") if media.detail else text)


def _words(text: str, style: str = "") -> RenderableType:
    written = Text(style=style)
    for span in spans(text):
        marks = {"bold": span.bold, "italic": span.italic, "strike": span.struck, "cyan": span.mono}
        written.append(span.text, " ".join(name for name, there in marks.items() if there))
    return _Upright(written)


def _filled(filled: Iterable[Filled]) -> Iterator[RenderableType]:
    for each in filled:
        yield _Upright(Text.assemble((f"{each.place}: ", "dim"), each.value))


def _buttons(buttons: Iterable[Button]) -> Iterator[RenderableType]:
    for each in buttons:
        yield Rule(style="dim green")
        yield _Upright(Text(f"{ICONS[each.kind]} {each.label}", "blue"))
        if each.leads_to:
            yield _Upright(Text(each.leads_to, "dim"))


def _sections(sections: Iterable[Section]) -> Iterator[RenderableType]:
    for each in sections:
        if each.title:
            yield _Upright(Text(each.title, "bold"))
        for title, below in each.rows:
            yield _Upright(Text(f"○ {title}"))
            if below:
                yield _Upright(Text(f"  {below}", "dim"))


class _Upright:
    """A text whose lines keep their order in a frame: those that run from right to left begin at the right."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for paragraph in self._text.split("\n", allow_blank=True):
            turned = _runs_left(paragraph.plain)
            for line in paragraph.wrap(console, options.max_width, overflow="fold"):
                line.rstrip()
                line.align("right" if turned else "left", options.max_width)
                mark = Segment(_LEFT_TO_RIGHT) if _has_other_way(line.plain) else None
                yield from ([mark] if mark else ())
                yield from line.render(console)
                yield from ([mark] if mark else ())
                yield Segment.line()


def _runs_left(text: str) -> bool:
    """Tell whether the first letter with a direction runs from right to left."""
    strong = (way for way in map(unicodedata.bidirectional, text) if way in {"L", *_OTHER_WAY})
    return next(strong, "L") in _OTHER_WAY


def _has_other_way(text: str) -> bool:
    return any(unicodedata.bidirectional(each) in _OTHER_WAY for each in text)
