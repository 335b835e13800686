"""Ratios over weeks with their 95 % intervals: batch means, paired on the same clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

NORMAL = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A figure, and half the width of its 95 % interval; None with fewer than two weeks."""

    value: float
    interval: float | None


def ratio(above: Sequence[float], below: Sequence[float]) -> RatioEstimate | None:
    """Σ above / Σ below, by week and in pairs; None when Σ below is 0."""
    total = sum(below)
    if total == 0:
        return None
    value, weeks = sum(above) / total, len(below)
    if weeks < 2:
        return RatioEstimate(value, None)
    mean = total / weeks
    rests = [(item - value * other) / mean for item, other in zip(above, below, strict=True)]
    variance = sum(rest * rest for rest in rests) / (weeks - 1) / weeks
    return RatioEstimate(value, student(weeks - 1) * sqrt(variance))


def difference_ratio(
    first: Sequence[float], second: Sequence[float], third: Sequence[float]
) -> RatioEstimate | None:
    """(Σ first − Σ second) / (Σ third − Σ second), in pairs: the closed share of a gap."""
    above = [item - other for item, other in zip(first, second, strict=True)]
    below = [item - other for item, other in zip(third, second, strict=True)]
    return ratio(above, below)


def student(freedom: int) -> float:
    """The 97.5 % point of Student's distribution, by Cornish and Fisher's series."""
    if freedom == 1:
        return 12.706
    z, n = NORMAL, float(freedom)
    terms = (
        z,
        (z**3 + z) / (4 * n),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3),
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4),
    )
    return sum(terms)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; there is at least one value."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
