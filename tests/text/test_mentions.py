"""Numbers and addresses in words."""

import time

import pytest

from service.leads.customer import Mention, MentionedIn
from service.text.mentions import labelled_phones, mentions_in


def test_words_mention_numbers_and_addresses() -> None:
    words = "Пишите на Ivan.Petrov@mail.ru или 8 900 123-45-67, не на a@b"
    assert mentions_in(words, "RU", MentionedIn.TEXT) == (
        Mention(phone="+79001234567"),
        Mention(email="ivan.petrov@mail.ru"),
    )


@pytest.mark.parametrize(
    "line",
    [
        "Нужна стойка. Тел {}",
        "Телефон: {}",
        "Имя: Иван\nтел. {}\nТовар: помпа",
        "Phone - {}",
        "Моб.: {}",
        "Контактный телефон клиента: {}",
    ],
)
def test_a_labelled_number_is_a_field(line: str) -> None:
    assert labelled_phones(line.format("8 (900) 123-45-67"), "RU") == ("+79001234567",)


@pytest.mark.parametrize("line", ["Мой {}", "отель {}", "позвоните на {}", "Тел: нет\n{}"])
def test_what_has_no_label_is_no_field(line: str) -> None:
    assert labelled_phones(line.format("8 900 123-45-67"), "RU") == ()


@pytest.mark.parametrize("unit", ["@", "a@", "a.", "тел ", "тел +", "+7", "a@b.", "-@-."])
def test_reading_takes_time_in_proportion(unit: str) -> None:
    began = time.process_time()
    words = unit * (8000 // len(unit))
    mentions_in(words, "RU", MentionedIn.TEXT)
    labelled_phones(words, "RU")
    assert time.process_time() - began < 1
