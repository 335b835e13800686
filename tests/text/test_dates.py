"""Days and times of a client's words become a moment in the queue's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.dates import NamedDays, find_needed_by
from service.text.tokens import tokens_of

ZONE = ZoneInfo("Asia/Almaty")
NOW = datetime(2026, 6, 10, 12, 0, tzinfo=ZONE)  # a Wednesday
NAMED = NamedDays({("новый", "год"): (12, 31)})


def found(text: str) -> str | None:
    moment = find_needed_by(tokens_of(text), NOW, NAMED)
    return None if moment is None else f"{moment:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20 декабря", "12-20 12:00"),
        ("к 25.06", "06-25 12:00"),
        ("в субботу к обеду", "06-13 13:00"),
        ("в среду", "06-17 12:00"),
        ("через неделю", "06-17 12:00"),
        ("через 2 часа", "06-10 14:00"),
        ("через пару дней", "06-12 12:00"),
        ("завтра до 12", "06-11 12:00"),
        ("завтра в 9 утра", "06-11 09:00"),
        ("сегодня к 18:30", "06-10 18:30"),
        ("послезавтра вечером", "06-12 19:00"),
        ("15 числа", "06-15 12:00"),
        ("на следующей неделе", "06-15 12:00"),
        ("на новый год", "12-31 12:00"),
        ("к вечеру пятницы", "06-12 19:00"),
    ],
)
def test_days(text: str, moment: str) -> None:
    assert found(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "заказывал в понедельник",
        "купил 20 декабря",
        "работаете в субботу?",
        "31 февраля",
        "до 12",
        "2015 года",
        "рычаги 2 шт",
        "25 мая",  # 349 days ahead: it was the last one
        "",
    ],
)
def test_no_day(text: str) -> None:
    assert found(text) is None


def test_the_moment_is_in_the_zone_of_the_queue() -> None:
    moment = find_needed_by(tokens_of("завтра до 12"), NOW)
    assert moment is not None
    assert moment.utcoffset() == NOW.utcoffset()


@given(
    st.lists(
        st.sampled_from(
            [
                "через",
                "в",
                "до",
                "к",
                "31",
                "12",
                "99",
                "декабря",
                "субботу",
                "завтра",
                "числа",
                "час",
                "25.13",
            ]
        )
    )
)
def test_any_words_are_read(words: list[str]) -> None:
    moment = find_needed_by(words, NOW, NAMED)
    assert moment is None or moment > NOW
