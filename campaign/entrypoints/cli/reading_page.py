"""How far the reading of an audience is: a bar where the whole is known, else a count that turns."""

from typing import TYPE_CHECKING, Final

from campaign.entrypoints.words import counted

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.spinner import Spinner

BAR_WIDTH: Final = 32

# Of the whole; before that the time left is a guess.
TOLD_FROM: Final = 0.02


class Reader:
    """One line that changes as rows are read."""

    def __init__(self) -> None:
        self._spinner: Spinner | None = None

    def page(self, rows: int, rate: float, share: float | None) -> "RenderableType":
        """Lay out `rows` read at `rate` a second; `share` of the whole, from 0 to 1, if it is known."""
        said = counted(rows, "row")
        pace = f"{rate:,.0f}/s" if rate else ""
        if share is None:
            return self._turning(f"reading the audience: {said}  {pace}")
        return _bar(share, f"{share:.0%}", said, pace, _left(rows, rate, share))

    def _turning(self, text: str) -> "RenderableType":
        from rich.padding import Padding  # noqa: PLC0415 - only terminals need it
        from rich.spinner import Spinner  # noqa: PLC0415 - see above

        # The same one each time: a new one would begin to turn anew.
        self._spinner = self._spinner or Spinner("dots", style="cyan")
        self._spinner.update(text=text)
        return Padding(self._spinner, (0, 0, 0, 2))


def _bar(share: float, percent: str, said: str, pace: str, left: str) -> "RenderableType":
    from rich.progress_bar import ProgressBar  # noqa: PLC0415 - only terminals need it
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    line = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=1.0, completed=share, width=BAR_WIDTH)
    line.add_row(Text("  reading"), bar, Text(f"{percent:>4}"), Text(said), Text(pace, "cyan"), Text(left, "dim"))
    return line


def _left(rows: int, rate: float, share: float) -> str:
    if rate <= 0 or not TOLD_FROM <= share < 1:
        return ""
    minutes, seconds = divmod(round(rows * (1 - share) / share / rate), 60)
    return f"{minutes}:{seconds:02} left"
