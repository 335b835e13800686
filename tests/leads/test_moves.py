"""The table of moves, against the life of a lead as the design tells it."""

from itertools import product

import pytest

from service.leads.errors import MoveNotAllowed
from service.leads.lead import State, check_move, check_reopening

ALLOWED = {
    ("waiting", "claimed"),
    ("waiting", "parked"),
    ("waiting", "settled"),
    ("waiting", "joined"),
    ("claimed", "waiting"),
    ("claimed", "parked"),
    ("claimed", "settled"),
    ("parked", "waiting"),
    ("parked", "settled"),
    ("parked", "joined"),
}
REFUSED = set(product([state.value for state in State], repeat=2)) - ALLOWED


@pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
def test_a_move_of_the_table_is_allowed(before: str, after: str) -> None:
    check_move(State(before), State(after))


@pytest.mark.parametrize(("before", "after"), sorted(REFUSED))
def test_any_other_move_is_refused_naming_both_states(before: str, after: str) -> None:
    with pytest.raises(MoveNotAllowed, match=rf"is {before};.* become {after}\."):
        check_move(State(before), State(after))


@pytest.mark.parametrize("after", ["claimed", "waiting"])
def test_what_is_settled_comes_back_by_a_reopening_alone(after: str) -> None:
    check_reopening(State.SETTLED, State(after))
    with pytest.raises(MoveNotAllowed):
        check_move(State.SETTLED, State(after))


@pytest.mark.parametrize("before", [item for item in State if item is not State.SETTLED])
def test_nothing_else_is_reopened(before: State) -> None:
    for after in State:
        with pytest.raises(MoveNotAllowed):
            check_reopening(before, after)
