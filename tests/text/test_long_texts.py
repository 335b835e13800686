"""8 000 characters of anything are read in steps that grow with the length, and without a fault."""

from datetime import UTC, datetime

import pytest
from bytecode_counting import executed

from service.leads.customer import MentionedIn
from service.policies.reading import default_text, read_policy
from service.text.dates import NamedDays, find_needed_by
from service.text.mentions import labelled_phones, mentions_in
from service.text.recognition import NOTHING, recognise

LEXICON = read_policy(default_text()).lexicon
LENGTH = 8_000
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAYS = NamedDays({("8", "марта"): (3, 8), ("новый", "год"): (12, 31)})
LINEAR = 2.3  # times the steps for twice the length; a square would be 4

SPEAKING = [
    *("за 5 ", "₽за 5 ", "за 5 лям ", "рублей за 5 ", "до 30 тысяч ", "10 тр ", "1 т.р ", "5000 "),
    *(
        "1 ",
        "8(",
        "1-",
        "000 ",
        "1 000 ",
        "1 2 3 4 5 6 7 ",
        "8 912 345 67 8 ",
        "тел: 8 ",
        "100 тг ",
    ),
    *("рублей 1 2 3 4 5 6 7 100 тг ", "XTA21099033434343 ", "A1 ", "NZE121-301234 ", "20.12 "),
    *("2015 год ", "к 12 ", "8 марта ", "завтра ", "в субботу "),
    *("колодки ", "kolodki 1 2 3 ", "стойки 2 шт ", "перед зад ", "не ", "не колодки ", "нет "),
    *("больше не нужны ", "если вернуть ", "в другом магазине брак ", "брак ", "срочно "),
    *("не срочно\n", "калодки ", "rjkjlrb ", "абвгдежз ", "прокладка турбины "),
]
SAYING_NOTHING = [
    *("а", "🔥", "\u0301", "и\u0306", "\u200b", "\u202e", "\x00", "\ud800", "\udfff\ud800"),
    *(
        "\U0001f1f7\U0001f1fa",
        "مرحبا ",
        "שלום ",
        "你好",
        "٣",
        "Ⅷ",
        "ß",
        "İ",
        "ﬁ",
        "ﷺ",
        "ก็",
        "\u0336 ",
    ),
    *("\n", "\r", "\u2028", "-", "(", "?!", "@", "a@b.", "\u200f\u0336 ?! "),
]


def read(text: str) -> None:
    tokens = LEXICON.read(text).tokens
    find_needed_by(tokens, NOW, DAYS)
    recognise(text, "RU", "RUB")
    labelled_phones(text, "RU")


@pytest.mark.parametrize("part", [*SPEAKING, *SAYING_NOTHING])
def test_twice_the_length_takes_twice_the_steps(part: str) -> None:
    half, whole = (part * (length // len(part)) for length in (LENGTH // 2, LENGTH))
    assert executed(lambda: read(whole)) < LINEAR * executed(lambda: read(half)) + 100


@pytest.mark.parametrize("part", SAYING_NOTHING)
def test_what_says_nothing_is_honestly_nothing(part: str) -> None:
    text = (part * LENGTH)[:LENGTH]
    reading = LEXICON.read(text)
    assert (reading.matches, reading.urgency, reading.bill, reading.intent) == (
        (),
        None,
        None,
        None,
    )
    assert recognise(text, "RU", "RUB") == NOTHING
    assert find_needed_by(reading.tokens, NOW, DAYS) is None
    assert mentions_in(text, "RU", MentionedIn.TEXT, ()) == ()
