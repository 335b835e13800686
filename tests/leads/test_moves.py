"""The table of moves, against the life of a lead as the design tells it."""

from itertools import product

import pytest

from service.leads.errors import MoveNotAllowed
from service.leads.lead import State, check_move

ALLOWED = {
    ("waiting", "claimed"),
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
