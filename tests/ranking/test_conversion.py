"""Beta posteriors, against sums that need no approximation."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ranking_builders import shares, steady

from service.ranking.conversion import (
    Outcomes,
    Posterior,
    beta_quantile,
    incomplete_beta,
    posterior,
    posterior_mean,
)

NOTHING = Outcomes(0, 0)
counts = st.integers(0, 10_000)
outcomes = st.builds(Outcomes, counts, counts)
shapes = st.floats(0.5, 1e7)
# fractions of 0…1 that a float holds exactly
dyadics = st.builds(
    lambda part, power: Fraction(part % (2**power + 1), 2**power),
    st.integers(0, 1024),
    st.integers(0, 10),
)


def binomial_tail(a: int, b: int, x: Fraction) -> Fraction:
    """P(Beta(a, b) ≤ x) for whole a, b: at least a of a+b−1 trials succeed (A&S 26.5.24)."""
    trials = a + b - 1
    enough = range(a, trials + 1)
    chances = (math.comb(trials, won) * x**won * (1 - x) ** (trials - won) for won in enough)
    return sum(chances, Fraction())


@steady
@given(st.integers(1, 60), st.integers(1, 60), dyadics)
def test_the_incomplete_beta_function_is_the_binomial_tail(a: int, b: int, x: Fraction) -> None:
    expected = float(binomial_tail(a, b, x))
    assert incomplete_beta(a, b, float(x)) == pytest.approx(expected, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize(
    ("a", "b", "probability", "quantile"),
    [
        # Upper points of F with 2b and 2a degrees of freedom, x = a/(a + b·F): A&S table 26.9, 5 %.
        (5, 5, 0.05, 5 / (5 + 5 * 2.97824)),
        (2, 3, 0.05, 2 / (2 + 3 * 6.16313)),
        # Exact: Clopper–Pearson's "rule of three", uniform, arcsine.
        (1, 10, 0.95, 1 - 0.05**0.1),
        (1, 1, 0.3, 0.3),
        (0.5, 0.5, 0.25, math.sin(math.pi / 8) ** 2),
        (1e7, 1, 0.05, 0.05**1e-7),
        (1, 1e7, 0.95, -math.expm1(1e-7 * math.log(0.05))),
        (1e7, 1e7, 0.5, 0.5),
    ],
)
def test_published_and_exact_quantiles(
    a: float, b: float, probability: float, quantile: float
) -> None:
    assert beta_quantile(a, b, probability) == pytest.approx(quantile, rel=2e-6)


def test_rare_wins_among_millions_are_a_poisson_count() -> None:
    # Of n = 1e7 trials at rate 3/n, at least 3 succeed with 1 − e⁻³(1 + 3 + 9/2), but for O(1/n).
    expected = 1 - math.exp(-3) * 8.5
    assert incomplete_beta(3, 1e7 - 2, 3e-7) == pytest.approx(expected, abs=1e-6)


def test_millions_of_outcomes_are_nearly_normal() -> None:
    # A&S 26.1: the normal deviate of 5 % is 1.644854; the variance of Beta(a, a) is 1/(4(2a + 1)).
    low = beta_quantile(1e7, 1e7, 0.05)
    assert (0.5 - low) * math.sqrt(4 * (2e7 + 1)) == pytest.approx(1.644854, abs=1e-5)


@steady
@given(shapes, shapes, shares)
def test_the_function_mirrors(a: float, b: float, x: float) -> None:
    x = round(x * 1024) / 1024
    assert incomplete_beta(a, b, x) + incomplete_beta(b, a, 1 - x) == pytest.approx(1, abs=1e-6)


@steady
@given(st.floats(0.5, 1e4), st.floats(0.5, 1e4), st.floats(0.001, 0.999))
def test_a_quantile_inverts_the_function(a: float, b: float, probability: float) -> None:
    quantile = beta_quantile(a, b, probability)
    assert incomplete_beta(a, b, quantile) == pytest.approx(probability, abs=1e-7)
    assert 1 - beta_quantile(b, a, 1 - probability) == pytest.approx(quantile, abs=1e-8)


@steady
@given(shapes, shapes, st.floats(0.001, 0.999))
def test_millions_invert_too(a: float, b: float, probability: float) -> None:
    quantile = beta_quantile(a, b, probability)
    # Where almost everything is next to 1, doubles are too coarse to say where.
    below = incomplete_beta(a, b, max(0, quantile - 1e-12))
    above = incomplete_beta(a, b, min(1, quantile + 1e-12))
    assert below - 1e-6 <= probability <= above + 1e-6


@steady
@given(st.floats(1e-3, 1e7), st.floats(1e-3, 1e7), st.sampled_from([0.0, 1.0]))
def test_the_ends_are_exact(a: float, b: float, end: float) -> None:
    assert beta_quantile(a, b, end) == end
    assert incomplete_beta(a, b, end) == end


@steady
@given(st.floats(1e-3, 1e7), st.floats(1e-3, 1e7), shares)
def test_every_shape_has_a_quantile(a: float, b: float, probability: float) -> None:
    assert 0 <= beta_quantile(a, b, probability) <= 1


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        *((0, 1, 0.5), (1, 0, 0.5), (-1, 1, 0.5), (math.inf, 1, 0.5), (1, math.nan, 0.5)),
        *((1, 1, -0.1), (1, 1, 1.1), (1, 1, math.nan)),
    ],
)
def test_what_is_no_beta_distribution_is_refused(a: float, b: float, share: float) -> None:
    with pytest.raises(ValueError, match="no Beta distribution"):
        beta_quantile(a, b, share)
    with pytest.raises(ValueError, match="no Beta distribution"):
        incomplete_beta(a, b, share)


def test_the_mean_is_the_textbooks() -> None:
    # Gelman et al., section 2.4: 437 girls of 980 births under a uniform prior, mean 0.446,
    # 95 % of the posterior from 0.415 to 0.477.
    found = posterior(0.5, 2, Outcomes(437, 543), share=0.95)
    assert found.mean == pytest.approx(0.446, abs=5e-4)
    assert found.low == pytest.approx(0.415, abs=5e-4)
    assert found.high == pytest.approx(0.477, abs=5e-4)


def test_one_early_win_hardly_moves_a_prior_of_weight() -> None:
    assert 0 < posterior_mean(0.45, 100, Outcomes(1, 0)) - 0.45 < 0.01


def test_without_outcomes_the_prior_stays() -> None:
    assert posterior_mean(0.45, 100, NOTHING) == 0.45
    assert posterior_mean(0.45, 0, NOTHING) == 0.45


def test_without_a_prior_outcomes_alone_count() -> None:
    assert posterior_mean(0.45, 0, Outcomes(1, 3)) == 0.25


@steady
@given(shares, st.floats(0, 1e6), outcomes)
def test_the_mean_is_between_prior_and_frequency(
    prior: float, weight: float, seen: Outcomes
) -> None:
    assume(seen != NOTHING)
    frequency = seen.won / (seen.won + seen.lost)
    mean = posterior_mean(prior, weight, seen)
    assert min(prior, frequency) - 1e-12 <= mean <= max(prior, frequency) + 1e-12


@steady
@given(shares, st.floats(0, 1e4), outcomes)
def test_a_win_raises_the_mean_and_a_loss_lowers_it(
    prior: float, weight: float, seen: Outcomes
) -> None:
    before = posterior_mean(prior, weight, seen)
    assert posterior_mean(prior, weight, Outcomes(seen.won + 1, seen.lost)) >= before - 1e-12
    assert posterior_mean(prior, weight, Outcomes(seen.won, seen.lost + 1)) <= before + 1e-12


@steady
@given(st.floats(0.02, 0.98), st.floats(50, 1000), outcomes)
def test_the_interval_holds_the_mean(prior: float, weight: float, seen: Outcomes) -> None:
    found = posterior(prior, weight, seen)
    assert 0 <= found.low <= found.mean <= found.high <= 1
    assert found.mean == posterior_mean(prior, weight, seen)
    won, lost = weight * prior + seen.won, weight * (1 - prior) + seen.lost
    assert incomplete_beta(won, lost, found.low) == pytest.approx(0.05, abs=1e-7)
    assert incomplete_beta(won, lost, found.high) == pytest.approx(0.95, abs=1e-7)


def test_more_outcomes_narrow_the_interval() -> None:
    few, many = (posterior(0.5, 10, Outcomes(count, count)) for count in (10, 1000))
    assert few.low < many.low < 0.5 < many.high < few.high


def test_a_certain_prior_that_nothing_contradicts_stays_certain() -> None:
    assert posterior(0, 10, Outcomes(0, 5)) == Posterior(0, 0, 0)
    assert posterior(1, 10, Outcomes(5, 0)) == Posterior(1, 1, 1)


def test_a_certain_prior_gives_way_to_outcomes() -> None:
    found = posterior(0, 10, Outcomes(1, 5))
    assert 0 < found.low < found.mean == 1 / 16 < found.high < 1


def test_knowing_nothing_is_an_interval_of_everything() -> None:
    assert posterior(0.3, 0, NOTHING) == Posterior(0.3, 0, 1)


@pytest.mark.parametrize(
    ("prior", "weight", "seen", "share"),
    [
        *((-0.1, 1, NOTHING, 0.9), (1.1, 1, NOTHING, 0.9), (math.nan, 1, NOTHING, 0.9)),
        *((0.5, -1, NOTHING, 0.9), (0.5, math.inf, NOTHING, 0.9), (0.5, 1, NOTHING, 1.5)),
        *((0.5, 1, Outcomes(-1, 0), 0.9), (0.5, 1, Outcomes(0, -1), 0.9)),
    ],
)
def test_what_is_no_chance_is_refused(
    prior: float, weight: float, seen: Outcomes, share: float
) -> None:
    with pytest.raises(ValueError, match="no chance to estimate"):
        posterior(prior, weight, seen, share)
