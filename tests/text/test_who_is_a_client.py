"""Clients whose words look like those of sellers or of complaints; and who is no client."""

import pytest

from bench.understanding.judging import need_of, policy_of
from service.leads.lead import Intent

AUTO_PARTS, FIREWORKS = policy_of("auto_parts"), policy_of("fireworks")


@pytest.mark.parametrize(
    "text",
    [
        "корпус термостата отдельно продаётся?",
        "сайлентблоки поштучно продаются или комплектом?",
        "принимаете бу стартер в зачёт при покупке нового?",
        "покупал у вас рычаги, доволен, теперь нужны опоры",
        "заказывала у вас щётки, понравились, нужны ещё",
        "перестал гореть стоп-сигнал, нить целая",
        "лопнула тяга, еду за новой, есть?",
        "шучу конечно, мне бы лампочку",
        "взял лишнюю канистру масла у соседа, теперь нужен фильтр",
    ],
)
def test_it_is_a_client(text: str) -> None:
    assert need_of([text], AUTO_PARTS).intent is Intent.SALE


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("кто оплатит работу мастера? деталь ваша негодная", Intent.COMPLAINT),
        ("возместите эвакуатор, из-за вас застрял", Intent.COMPLAINT),
        ("за что списали с меня деньги, верните немедленно", Intent.COMPLAINT),
        ("ни стыда ни совести", Intent.COMPLAINT),
        ("не распаковывал помпу, ошибся годом, поменять бы", Intent.RETURN),
        ("лишний комплект остался, примете?", Intent.RETURN),
        ("измените адрес доставки на Ленина 5", Intent.ORDER_QUESTION),
        ("потеряли ваш счёт, продублируйте", Intent.ORDER_QUESTION),
        ("мам, скинь денег на обед", Intent.OTHER),
        ("сынок купи хлеба и позвони папе", Intent.OTHER),
    ],
)
def test_it_is_something_else(text: str, intent: Intent) -> None:
    assert need_of([text], AUTO_PARTS).intent is intent


def test_a_kindergarten_is_a_party_or_a_reproach() -> None:
    assert need_of(["ракеты для праздника в детский сад"], FIREWORKS).intent is Intent.SALE
    assert need_of(["устроили детский сад"], AUTO_PARTS).intent is Intent.COMPLAINT
