"""A figure beside its target: at most, at least, or nothing to judge yet."""

import pytest

from service.rules.targets import AT_LEAST, Figure, judged


@pytest.mark.parametrize("figure", Figure)
@pytest.mark.parametrize(
    ("value", "more", "less"), [(5, True, True), (6, True, False), (4, False, True)]
)
def test_a_target_is_met_on_its_side(figure: Figure, value: float, more: bool, less: bool) -> None:
    (found,) = judged({figure: 5}, {figure: value})
    assert found.met is (more if figure in AT_LEAST else less)
    assert found.at_least is (figure in AT_LEAST)


def test_what_has_no_value_is_not_judged() -> None:
    (found,) = judged({Figure.CONVERSION: 0.3}, {Figure.CONVERSION: None, Figure.LATE: 3})
    assert found.met is None


def test_figures_come_in_the_order_of_the_board() -> None:
    targets = dict.fromkeys(reversed(Figure), 1.0)
    assert [item.figure for item in judged(targets, {})] == list(Figure)
