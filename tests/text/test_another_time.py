"""A season or "later" at the end of a clause is patience; the past and a hurry are not."""

import pytest

from bench.understanding.judging import NOW, need_of, policy_of
from service.ranking.score import find_urgency

AUTO_PARTS = policy_of("auto_parts")


def urgency_of(text: str) -> float:
    return find_urgency(need_of([text], AUTO_PARTS), AUTO_PARTS, NOW).value


@pytest.mark.parametrize(
    "text",
    ["рычаги осенью", "колодки задние, потом", "сцепление по пробегу подходит", "цепь зимой"],
)
def test_another_time_is_patience(text: str) -> None:
    assert urgency_of(text) <= 0.35


@pytest.mark.parametrize("text", ["колодки, брал летом", "стартер срочно, а диски потом"])
def test_what_is_past_or_pressed_is_none(text: str) -> None:
    assert urgency_of(text) > 0.35
