"""Intervals and figures."""

from math import sqrt
from random import Random
from statistics import fmean

import pytest

from service.simulation.results.charts import Axes, Point, frontier, unbeaten
from service.simulation.results.intervals import difference_ratio, percentile, ratio, student


@pytest.mark.parametrize(
    ("freedom", "point"), [(1, 12.706), (2, 4.303), (3, 3.182), (9, 2.262), (39, 2.023)]
)
def test_student_s_points_are_those_of_the_tables(freedom, point):
    assert student(freedom) == pytest.approx(point, rel=0.03 if freedom == 2 else 0.003)


def test_an_interval_of_a_ratio_covers_the_truth_nineteen_times_in_twenty():
    draws, covered = Random(1), 0
    for _ in range(600):
        below = [draws.uniform(50, 150) for _ in range(12)]
        above = [0.7 * item + draws.gauss(0, 5) for item in below]
        found = ratio(above, below)
        assert found is not None
        assert found.interval is not None
        covered += abs(found.value - 0.7) < found.interval
    assert covered / 600 == pytest.approx(0.95, abs=0.03)


def test_pairs_make_the_interval_of_a_gain_narrow():
    draws = Random(2)
    weeks = [draws.uniform(50, 150) for _ in range(20)]
    gain = ratio([1.02 * item for item in weeks], weeks)
    assert gain is not None
    assert gain.value == pytest.approx(1.02)
    assert gain.interval == pytest.approx(0, abs=1e-9)


def test_one_week_has_no_interval_and_nothing_has_no_ratio():
    assert ratio([3.0], [4.0]).interval is None
    assert ratio([1.0, 2.0], [0.0, 0.0]) is None


def test_the_share_of_a_gap_may_be_negative_or_above_one():
    assert difference_ratio([5.0, 5.0], [6.0, 6.0], [8.0, 8.0]).value == -0.5
    assert difference_ratio([9.0, 9.0], [6.0, 6.0], [8.0, 8.0]).value == 1.5
    assert difference_ratio([9.0, 9.0], [6.0, 6.0], [6.0, 6.0]) is None


def test_a_percentile_is_one_of_the_values():
    draws = Random(3)
    values = sorted(draws.random() for _ in range(101))
    assert percentile(values, 0.5) == values[50]
    assert percentile(values, 1.0) == values[-1]
    assert fmean(values) == pytest.approx(0.5, abs=3 / sqrt(1212))


def test_on_the_frontier_nobody_has_more_for_less():
    draws = Random(4)
    found = [Point(f"{number}", draws.random(), draws.random()) for number in range(60)]
    best = unbeaten(found)
    for point in found:
        beaten = any(
            other.x <= point.x and other.y >= point.y and other is not point for other in found
        )
        assert (point in best) is not beaten
    assert [point.x for point in best] == sorted(point.x for point in best)


def test_the_frontier_is_drawn_with_every_name():
    found = [Point("mine", 3.0, 0.7), Point("<fifo>", 0.0, 0.6), Point("worse", 4.0, 0.65)]
    drawn = frontier(found, Axes("never served, %", "share", 0.6, 0.7))
    assert drawn.count("<circle") == 3
    assert "&lt;fifo&gt;" in drawn
    assert "<script" not in drawn
