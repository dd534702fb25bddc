"""How a sending goes: how many messages leave when, and on which day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from campaign.domain.outlook import Portion


class Span(NamedTuple):
    """So many messages leave evenly between two times, in seconds since 1970."""

    begins: float
    ends: float
    messages: float


@dataclass(frozen=True, slots=True)
class Course:
    """How a sending goes: when messages leave, and how many never do because their last window closes first."""

    spans: Sequence[Span]
    left: int

    @property
    def ends_at(self) -> datetime | None:
        """Give when the last message leaves; None if none does."""
        return datetime.fromtimestamp(max(span.ends for span in self.spans), UTC) if self.spans else None

    @property
    def seconds(self) -> float:
        """Add up the time in which messages leave: what is spent on waiting is left out."""
        return sum(span.ends - span.begins for span in self.spans)

    def portions(self, zone: tzinfo | None) -> list[Portion]:
        """Count by day, as clocks in a zone show it; None is this machine's. They add up to what leaves."""
        counted: Counter[date] = Counter()
        for span in self.spans:
            for day, messages in _by_day(span, zone):
                counted[day] += messages  # type: ignore[assignment] # a part of a message, until the last is there
        return list(_whole(sorted(counted.items())))


def _by_day(span: Span, zone: tzinfo | None) -> Iterator[tuple[date, float]]:
    """Split a span where a day ends."""
    begins, length = span.begins, span.ends - span.begins
    while True:
        day = datetime.fromtimestamp(begins, UTC).astimezone(zone)
        midnight = datetime.combine(day.date() + timedelta(days=1), datetime.min.time(), day.tzinfo).timestamp()
        ends = min(span.ends, midnight)
        yield day.date(), span.messages * ((ends - begins) / length if length else 1.0)
        if ends >= span.ends:
            return
        begins = ends


def _whole(counted: Iterable[tuple[date, float]]) -> Iterator[Portion]:
    """Round so that the whole stays what it is."""
    sent, told = 0.0, 0
    for day, messages in counted:
        sent += messages
        if round(sent) > told:
            yield Portion(day, round(sent) - told)
            told = round(sent)
