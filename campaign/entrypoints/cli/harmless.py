"""A terminal shows what stands in a template, a file or its name, and obeys none of it."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from campaign.domain.preview import neutral


class HarmlessConsole(Console):
    """A console whose own colours act, and no control character in a text."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, with pictures in the place of control characters."""
        for segment in super().render(renderable, options):
            harmless = segment.control or segment.text.isprintable()
            yield segment if harmless else segment._replace(text=neutral(segment.text))

    def on_broken_pipe(self) -> None:
        """Leave it to whoever ends the command: the exit code is that of a closed pipe."""
        raise BrokenPipeError
