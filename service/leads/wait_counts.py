"""Waiting times as a histogram: counts can be added, and percentiles can be read from any sum."""

from collections.abc import Iterable, Sequence

# seconds, at most twice the bound before; one more bucket counts all longer waits
BOUNDS = (
    *(5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900),
    *(1200, 1800, 2700, 3600, 5400, 7200, 10800, 14400, 21600, 32400, 43200, 64800, 86400),
)
BUCKETS = len(BOUNDS) + 1


def added(counts: Iterable[Sequence[int]]) -> list[int]:
    """The sum of several histograms."""
    return [sum(column) for column in zip([0] * BUCKETS, *counts, strict=True)]


def wait_at(counts: Sequence[int], share: float) -> float | None:
    """The seconds within which a share (0…1) of all had waited, interpolated between the bounds.

    None when nobody waited; the last bound when the wait was longer.
    """
    total = sum(counts)
    if not total:
        return None
    before, wanted = 0, share * total
    for number, count in enumerate(counts[:-1]):
        if count and before + count >= wanted:
            low = BOUNDS[number - 1] if number else 0
            return low + (BOUNDS[number] - low) * (wanted - before) / count
        before += count
    return float(BOUNDS[-1])
