"""What a line likely loses while it is worked off in its order."""

from math import exp

import pytest

from service.ranking.likely_loss import LeadWorth, likely_loss

DEAR = LeadWorth(worth=9000, patience=30, work=6)
CHEAP = LeadWorth(worth=300, patience=30, work=6)


def test_an_empty_line_and_who_is_first_lose_nothing() -> None:
    assert likely_loss([], 2) == 0
    assert likely_loss([DEAR], 1) == 0


def test_who_waits_leaves_as_their_patience_says() -> None:
    assert likely_loss([CHEAP, DEAR], 1) == pytest.approx(9000 * (1 - exp(-6 / 30)))


def test_the_dear_one_first_loses_less() -> None:
    assert likely_loss([DEAR, CHEAP], 1) < likely_loss([CHEAP, DEAR], 1)


@pytest.mark.parametrize("operators", [1.5, 2, 10])
def test_more_hands_lose_less(operators: float) -> None:
    line = [DEAR, CHEAP] * 20
    assert likely_loss(line, operators) < likely_loss(line, 1)


def test_nobody_loses_more_than_there_is() -> None:
    line = [DEAR] * 10_000
    assert likely_loss(line, 1) < 9000 * 10_000
