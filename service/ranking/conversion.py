"""Observed conversion: a policy's chance is a Beta prior, and outcomes correct it.

A prior of `chance` that is worth `weight` outcomes is Beta(weight·chance, weight·(1−chance)). After
`won` and `lost` outcomes it is Beta(weight·chance + won, weight·(1−chance) + lost): Gelman et al.,
Bayesian Data Analysis, 3rd ed., section 2.4. Its mean lies between prior and observed frequency.
"""

import math
from dataclasses import dataclass

from service.leads.lead import Outcomes

TINY = 1e-300
PRECISE = 1e-14
MAX_STEPS = 200_000
MAX_HALVINGS = 200


@dataclass(frozen=True, slots=True)
class Posterior:
    """An estimated chance with its interval; being below and being above it are equally likely."""

    mean: float
    low: float
    high: float


def posterior_mean(prior: float, weight: float, outcomes: Outcomes) -> float:
    """The chance 0…1 after `outcomes`; the prior itself without any weight and outcome."""
    existing = weight + outcomes.won + outcomes.lost
    return (weight * prior + outcomes.won) / existing if existing else prior


def posterior(prior: float, weight: float, outcomes: Outcomes, share: float = 0.90) -> Posterior:
    """The chance after `outcomes`, with the interval that contains it with probability `share`.

    A prior of 0 or 1 without a contrary outcome is certain: the interval is that one value. Without
    any weight and outcome the interval is 0 to 1. The mean of a very lopsided posterior (less than
    one win in all, weighted) can lie outside the interval. Raises ValueError for a prior or share
    outside of 0…1, or a negative or infinite number of outcomes.
    """
    counts = (weight, outcomes.won, outcomes.lost)
    if not (0 <= prior <= 1 and 0 <= share <= 1 and all(0 <= count < math.inf for count in counts)):
        raise ValueError(f"no chance to estimate: {prior}, {counts}, {share}")
    won, lost = weight * prior + outcomes.won, weight * (1 - prior) + outcomes.lost
    mean = posterior_mean(prior, weight, outcomes)
    if won == lost == 0:
        return Posterior(mean, 0.0, 1.0)
    if won == 0 or lost == 0:
        return Posterior(mean, mean, mean)
    tail = (1 - share) / 2
    return Posterior(mean, beta_quantile(won, lost, tail), beta_quantile(won, lost, 1 - tail))


def beta_quantile(a: float, b: float, probability: float) -> float:
    """The x at which incomplete_beta(a, b, x) reaches `probability`, to about 1e-12.

    Newton's method, bounded by halving brackets. Raises ValueError as incomplete_beta does.
    """
    _check(a, b, probability)
    if probability in (0, 1):
        return float(probability)
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(MAX_HALVINGS):
        excess = incomplete_beta(a, b, x) - probability
        low, high = (low, x) if excess > 0 else (x, high)
        following = x - excess / max(TINY, _density(a, b, x))
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - x) <= PRECISE:
            return following
        x = following
    return x


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function: the probability that Beta(a, b) is at most x.

    The continued fraction 26.5.8 of Abramowitz & Stegun, Handbook of Mathematical Functions, on the
    side of the mean where it converges quickly (26.5.2 for the other side). Wrong by less than 1e-6
    up to a, b = 1e7, where lgamma leaves no more digits, and by 1e-12 up to 100. Raises ValueError
    unless a and b are positive and finite and x is 0…1.
    """
    _check(a, b, x)
    if x in (0, 1):
        return float(x)
    if x > (a + 1) / (a + b + 2):
        return 1 - _left_tail(b, a, 1 - x)
    return _left_tail(a, b, x)


def _left_tail(a: float, b: float, x: float) -> float:
    front = math.exp(_log_front(a, b, x)) / a
    # When the front is too small for a double, the tail is 0 for any fraction.
    return min(1.0, front / _fraction(a, b, x)) if front else 0.0


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of 26.5.8, by Lentz's method; about sqrt(max(a, b)) steps."""
    value, c, d = 1.0, 1.0, 0.0
    for step in range(1, MAX_STEPS):
        term = _term(a, b, x, step)
        d = 1 / (1 + term * d or TINY)
        c = 1 + term / c or TINY
        value *= c * d
        if abs(c * d - 1) < PRECISE / 10:
            break
    return value


def _term(a: float, b: float, x: float, step: int) -> float:
    m = step // 2
    if step % 2:
        return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))


def _density(a: float, b: float, x: float) -> float:
    return math.exp(min(700.0, _log_front(a, b, x) - math.log(x) - math.log1p(-x)))


def _log_front(a: float, b: float, x: float) -> float:
    """The logarithm of x^a (1−x)^b / B(a, b)."""
    beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return a * math.log(x) + b * math.log1p(-x) - beta


def _check(a: float, b: float, share: float) -> None:
    if not (0 < a < math.inf and 0 < b < math.inf and 0 <= share <= 1):
        raise ValueError(f"no Beta distribution or no share of it: {a}, {b}, {share}")
