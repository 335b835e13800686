"""Mistakes of a policy, told to who reads Russian."""

import pytest

from service.pages.policies.mistake_words import title_of_field, words_of_mistake
from service.pages.policies.mistakes import PolicyMistake


@pytest.mark.parametrize(
    ("remedy", "words"),
    [
        ("Send a number of at most 900.", "Нужно число не больше 900."),
        ("One of: phone, chat.", "Одно из: phone, chat."),
        ("Send this field.", "Этого поля не хватает."),
        ("Something that nobody foresaw.", None),
    ],
)
def test_mistakes_are_told_in_the_readers_language(remedy: str, words: str | None) -> None:
    mistake = PolicyMistake("kinds.chat.stage", "as pydantic says", remedy, 28)
    assert words_of_mistake(mistake, "ru") == words
    assert words_of_mistake(mistake, "en") is None


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("kinds.chat.stage", "Ступень"),
        ("kinds.chat.escalations[0].after_minutes", "После ожидания"),
        ("lexicon.3.bill", "Чек за штуку"),
        ("index.minutes.chat.each", None),
        ("line 5", None),
        ("kinds.boat.stage", None),
    ],
)
def test_the_field_of_a_mistake_has_its_title(field: str, title: str | None) -> None:
    assert title_of_field(field, "ru") == title
