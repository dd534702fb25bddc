"""Latencies in fixed buckets, so that intervals of many processes add up."""

from bisect import bisect_left

# Upper bounds in seconds; the last bucket is everything slower.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


class Histogram:
    """Counts of durations per bucket."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)

    def note(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1

    def read(self) -> list[int]:
        """Take the counts and start anew."""
        counts, self.counts = self.counts, [0] * (len(BOUNDS) + 1)
        return counts
