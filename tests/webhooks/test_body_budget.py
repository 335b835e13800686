"""Room for bodies: the slowest is cut for one that comes, and nobody shuts others out."""

from contextlib import AbstractContextManager

import pytest

from service.leads.errors import Overloaded
from service.webhooks.body_budget import MEBIBYTE, MemoryBudget, Take


class Timer:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def budget(timer: Timer) -> MemoryBudget:
    return MemoryBudget(8 * MEBIBYTE, 6 * MEBIBYTE, 4 * MEBIBYTE, timer)


def test_young_bodies_are_not_cut_and_the_newcomer_is_refused(budget: MemoryBudget) -> None:
    cut: list[str] = []
    with budget.of("shop", "a", lambda: cut.append("first")) as take:
        take(4 * MEBIBYTE)
        with budget.of("shop", "a", lambda: None) as other, pytest.raises(Overloaded):
            other(1)
    assert cut == []


@pytest.mark.parametrize(
    ("source", "address", "held"),
    [("shop", "a", 4), ("shop", "b", 6), ("chat", "b", 8)],
    ids=["of one address", "of one source", "of all"],
)
def test_where_a_bound_is_reached_the_slowest_old_body_within_it_is_cut(
    budget: MemoryBudget, timer: Timer, source: str, address: str, held: int
) -> None:
    cut: list[int] = []
    bodies = []
    for number in range(held):
        holder = "a" if number < 4 else f"x{number}"
        at = "shop" if number < 6 else "other"
        body = budget.of(at, holder, lambda number=number: cut.append(number))  # type: ignore[misc]
        body.__enter__()(MEBIBYTE)
        bodies.append(body)
        timer.now += 2
    with budget.of(source, address, lambda: None) as take:
        take(MEBIBYTE)
    assert cut == [0]
    for body in bodies:
        body.__exit__(None, None, None)


def test_what_was_cut_for_one_bound_counts_in_no_other(timer: Timer) -> None:
    budget = MemoryBudget(100, 12, 10, timer)
    cut: list[str] = []

    def body(address: str, size: int, name: str) -> AbstractContextManager[Take]:
        opened = budget.of("shop", address, lambda: cut.append(name))
        opened.__enter__()(size)
        timer.now += 2
        return opened

    bodies = [body("a", 8, "first"), body("b", 2, "of another address"), body("a", 5, "newcomer")]
    assert cut == ["first"]
    for opened in bodies:
        opened.__exit__(None, None, None)


def test_what_was_freed_is_free(budget: MemoryBudget) -> None:
    for _ in range(100):
        with budget.of("shop", "a", lambda: None) as take:
            take(4 * MEBIBYTE)
