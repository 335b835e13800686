"""Negated, taken out, only supposed or of another time: what holds of the signals of a text."""

import pytest

from service.leads.lead import Intent
from service.text.entries import Entry, TextReading
from service.text.lexicon import Lexicon

ENTRIES = [
    Entry("pads", ("колодки",), "A5", urgency=0.9, bill=5000),
    Entry("discs", ("диски",), "A5", urgency=0.8, bill=6000),
    Entry("seal", ("сальник",), "A5", urgency=0.6, bill=700),
    Entry("gearbox", ("кпп", "коробка"), "A5", bill=90_000, assembly=True, describes=True),
    Entry("turbo", ("турбина",), "A5", bill=65_000, assembly=True),
    Entry("gasket", ("прокладка",), "A5", bill=1200),
    Entry("urgent", ("срочно", "срочность"), "A5", urgency=0.9),
    Entry("lift", ("на подъёмнике",), "A5", urgency=0.95),
    Entry("patient", ("не срочно", "подожду"), "A5", urgency=0.1, urgency_at_most=0.1),
    Entry("used", ("бу",), "A6", chance_factor=0.7),
    Entry("has_bought", ("уже купил", "уже поменял"), "A1", chance_factor=0.2),
    Entry("returns", ("вернуть", "брак"), "A10", intent=Intent.RETURN),
    Entry("complains", ("жалоба", "претензия", "обман"), "B4", intent=Intent.COMPLAINT),
    Entry("order", ("мой заказ",), "A10", intent=Intent.ORDER_QUESTION),
    Entry("sent", ("посылка",), "A10", intent=Intent.ORDER_QUESTION, together=("где", "отправить")),
    Entry("advert", ("реклама",), "A1", intent=Intent.OTHER),
]
LEXICON = Lexicon(ENTRIES, 20, 1_000_000)


def read(*messages: str) -> TextReading:
    return LEXICON.read("\n".join(messages))


def signals(text: str) -> list[str]:
    return [match.entry.signal for match in read(text).matches]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("колодки не нужны, нужен только сальник", ["seal"]),
        ("не колодки, а диски", ["discs"]),
        ("не только колодки, но и диски", ["pads", "discs"]),
        ("без колодок, одни диски", ["discs"]),
        ("кроме колодок нужны диски", ["discs"]),
        ("кроме колодок ничего не надо", ["pads"]),
        ("не могу найти колодки", ["pads"]),
        ("колодок нет?", ["pads"]),
        ("колодки и диски не надо, сальник надо", ["seal"]),
        ("колодки уже есть, нужны диски", ["discs"]),
        ("колодки уже поменял, нужны диски", ["discs"]),
        ("бу не предлагать, колодки", ["pads"]),
        ("сальник кпп", ["seal"]),
        ("сальник коробки", ["seal"]),
        ("прокладка турбины", ["gasket"]),
        ("прокладка для турбины", ["gasket"]),
        ("турбина, прокладка", ["turbo", "gasket"]),
        ("диски и колодки", ["discs", "pads"]),
        ("солярис 1.6 кпп 2014, колодки", ["pads"]),
        ("кпп на солярис и колодки", ["gearbox", "pads"]),
        ("посылка красивая", []),
        ("где посылка", ["sent"]),
        ("посылку отправите?", ["sent"]),
        ("отправьте посылкой", ["sent"]),
        ("посылка. где вы", []),
    ],
)
def test_goods_that_are_taken_out_or_only_say_where(text: str, found: list[str]) -> None:
    assert signals(text) == found


@pytest.mark.parametrize(
    ("messages", "least", "greatest"),
    [
        (["срочно"], 0.9, 0.9),
        (["не срочно"], 0, 0.1),
        (["не так уж и срочно, колодки"], 0, 0.3),
        (["срочности нет, колодки"], 0, 0.3),
        (["никакой срочности, колодки"], 0, 0.3),
        (["машина не на подъёмнике, колодки"], 0, 0.3),
        (["не срочно, колодки", "на подъёмнике, срочно"], 0.95, 0.95),
        (["срочно", "подожду"], 0, 0.1),
        (["подожду", "колодки"], 0, 0.1),
        (["хочу вернуть колодки"], 0, 0),
    ],
)
def test_the_newest_word_on_hurry_decides(
    messages: list[str], least: float, greatest: float
) -> None:
    reading = read(*messages)
    value = 0 if reading.urgency is None else reading.urgency.value
    assert least <= value <= greatest


@pytest.mark.parametrize(
    ("messages", "intent"),
    [
        (["хочу вернуть колодки"], Intent.RETURN),
        (["если не подойдут, можно вернуть?"], None),
        (["а вдруг брак?"], None),
        (["хочу вернуть, если можно"], Intent.RETURN),
        (["претензий нет"], None),
        (["без обмана"], None),
        (["жалоба", "где мой заказ", "нужны колодки"], Intent.COMPLAINT),
        (["жалоба", "претензий больше нет"], None),
        (["мой заказ", "нужны колодки"], None),
        (["хочу вернуть", "мой заказ"], Intent.ORDER_QUESTION),
        (["прошлый раз был брак, надеюсь теперь нормально"], None),
        (["реклама"], Intent.OTHER),
        (["реклама, нужны колодки"], None),
        (["реклама, мой заказ"], Intent.ORDER_QUESTION),
    ],
)
def test_the_newest_word_on_the_intent_decides(messages: list[str], intent: Intent | None) -> None:
    found = read(*messages).intent
    assert (None if found is None else found.value) is intent


def test_the_message_that_decided_is_named() -> None:
    urgency = read("не срочно", "колодки", "срочно").urgency
    assert urgency is not None
    assert urgency.line == 3


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("колодки уже купил", 0.2),
        ("уже купил машину, нужны колодки", 1),
        ("уже купил", 0.2),
        ("купил уже", 0.2),
        ("хочу купить", 1),
        ("бу", 0.7),
        ("не бу", 1),
    ],
)
def test_who_has_bought_is_lost_and_who_will_buy_is_not(text: str, factor: float) -> None:
    assert read(text).chance_factor.value == factor
