"""Waits as counts by length: added up, and near to what the waits themselves say."""

from bisect import bisect_right
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.leads.wait_counts import BOUNDS, BUCKETS, added, wait_at


def bucket_of(seconds: float) -> int:
    """As Postgres counts them (storage/queues/history.py)."""
    return bisect_right(BOUNDS, seconds)


def counted(waits: list[float]) -> list[int]:
    counts = [0] * BUCKETS
    for wait in waits:
        counts[bucket_of(wait)] += 1
    return counts


def test_nobody_waited() -> None:
    assert wait_at([0] * BUCKETS, 0.5) is None
    assert added([]) == [0] * BUCKETS


@pytest.mark.parametrize(
    ("seconds", "bucket"), [(0, 0), (4.9, 0), (5, 1), (86399, BUCKETS - 2), (86400, BUCKETS - 1)]
)
def test_a_bound_belongs_to_what_is_longer(seconds: float, bucket: int) -> None:
    assert bucket_of(seconds) == bucket


def test_whatever_is_longer_than_a_day_is_told_as_a_day() -> None:
    assert wait_at(counted([10**6]), 0.5) == BOUNDS[-1]


@given(st.lists(st.floats(0, 80_000), min_size=20, max_size=200), st.sampled_from([50, 90]))
def test_a_share_lies_in_the_bucket_of_the_waits_own(waits: list[float], percent: int) -> None:
    told = wait_at(counted(waits), percent / 100)
    assert told is not None
    ordered = sorted(waits)
    nearest = ordered[max(0, -(-percent * len(waits) // 100) - 1)]
    assert bucket_of(told) - bucket_of(nearest) in (0, 1)
    assert quantiles(waits, n=10)


@given(st.lists(st.lists(st.floats(0, 10**6), max_size=20), max_size=5))
def test_counts_of_parts_are_those_of_the_whole(parts: list[list[float]]) -> None:
    whole = [wait for part in parts for wait in part]
    assert added(map(counted, parts)) == counted(whole)
