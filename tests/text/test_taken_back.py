"""A client who takes back what they complained of, or wanted to return, is a client again."""

import pytest

from bench.understanding.judging import need_of, policy_of
from service.leads.lead import Intent

AUTO_PARTS = policy_of("auto_parts")


def intent_of(*messages: str) -> Intent:
    return need_of(messages, AUTO_PARTS).intent


@pytest.mark.parametrize(
    "messages",
    [
        ("хочу вернуть генератор", "не буду возвращать, ставлю"),
        ("сдать бы обратно помпу", "сдавать не буду, пригодится"),
        ("брак прислали", "прошу прощения, сам ошибся, не ту коробку взял"),
        ("хамство какое-то", "извиняюсь, погорячился, всё в порядке"),
        ("кладовщик пропал, позор", "отбой, он сам отписался, спасибо"),
        ("второй день трубку не берёте", "всё, спасибо, перезвонили уже"),
    ],
)
def test_what_is_taken_back_is_over(messages: tuple[str, ...]) -> None:
    assert intent_of(*messages) is Intent.SALE


@pytest.mark.parametrize(
    ("messages", "intent"),
    [
        (("хамство какое-то", "извините, но это просто позор"), Intent.COMPLAINT),
        (("верните деньги", "не буду ждать больше"), Intent.COMPLAINT),
        (("хочу вернуть генератор", "помпу не буду возвращать, а генератор верну"), Intent.RETURN),
        (("извините, где мой заказ?",), Intent.ORDER_QUESTION),
    ],
)
def test_what_is_said_anew_goes_on(messages: tuple[str, ...], intent: Intent) -> None:
    assert intent_of(*messages) is intent


def test_what_was_ordered_already_is_no_bill_to_come() -> None:
    reading = need_of(["где моя турбина? заказ 4412"], AUTO_PARTS).reading
    assert reading.intent is not None
    assert reading.intent.value is Intent.ORDER_QUESTION
    assert reading.bill is None
