"""How many leads an operator may hold, in all and of one kind."""

import pytest

from service.leads.lead import Kind
from service.leads.operator import Operator

ANNA = Operator("anna", ("main",), capacity=3, capacity_by_kind={Kind.CHAT: 2, Kind.OFFLINE: 0})


@pytest.mark.parametrize(
    ("kind", "held", "may"),
    [
        (Kind.PHONE, {}, True),
        (Kind.PHONE, {Kind.CHAT: 2}, True),
        (Kind.PHONE, {Kind.CHAT: 2, Kind.PHONE: 1}, False),  # three in all
        (Kind.CHAT, {Kind.CHAT: 1}, True),
        (Kind.CHAT, {Kind.CHAT: 2}, False),
        (Kind.OFFLINE, {}, False),
        (Kind.PHONE, {Kind.PHONE: 5}, False),
    ],
)
def test_there_is_room_below_both_limits(kind: Kind, held: dict[Kind, int], may: bool) -> None:
    assert ANNA.may_hold_one_more(kind, held) is may


def test_full_kinds_are_those_with_a_limit_that_is_reached() -> None:
    assert ANNA.full_kinds({Kind.CHAT: 3, Kind.PHONE: 9}) == {Kind.CHAT, Kind.OFFLINE}
    assert Operator("boris", ("main",)).full_kinds({Kind.CHAT: 3}) == frozenset()
