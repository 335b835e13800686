"""What was meant: slips by sound and letter, the other keyboard, Latin letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.entries import Entry
from service.text.lexicon import Lexicon
from service.text.slips import MAX_TRIES, Slips, by_other_keyboard, in_russian_letters

ENTRIES = [
    Entry("pads", ("тормозные колодки", "колодки"), "A5", bill=5000),
    Entry("struts", ("амортизаторы",), "A5", bill=8000),
    Entry("cv_joint", ("граната",), "A5", bill=4500),
    Entry("battery", ("аккумулятор",), "A5", bill=9000),
]
LEXICON = Lexicon(ENTRIES, 20, 1_000_000)


def found(text: str) -> list[str]:
    return [match.entry.signal for match in LEXICON.read(text).matches]


def test_slang_that_no_dictionary_has_is_mended_like_any_word() -> None:
    lexicon = Lexicon([Entry("struts", ("амортов", "аморты"), "A5", bill=8000)], 20, 1_000_000)
    read = lexicon.read("амморты")
    assert dict(read.corrections) == {"амморты": "аморты"}


def test_what_there_is_in_ukrainian_is_not_negated() -> None:
    assert found("чи є амортизатори") == ["struts"]


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("калодки", "pads"),
        ("тармазные колотки", "pads"),
        ("колдоки", "pads"),
        ("аммортизаторы", "struts"),
        ("амартизатори", "struts"),
        ("акумулятор", "battery"),
        ("rjkjlrb", "pads"),
        ("rjkjlrb,", "pads"),
        ("frrevekznjh", "battery"),
        ("kolodki", "pads"),
        ("amortizatory", "struts"),
        ("akkumuljator", "battery"),
    ],
)
def test_what_was_meant_is_found(text: str, signal: str) -> None:
    assert found(text) == [signal]
    ((written, meant),) = LEXICON.read(text.split()[-1]).corrections
    assert written != meant


@pytest.mark.parametrize(
    "text", ["гранта", "гранит", "коробки", "ходки", "аккорд", "abc", "camry", "кол"]
)
def test_a_word_of_its_own_is_not_mended(text: str) -> None:
    reading = LEXICON.read(text)
    assert (reading.matches, reading.corrections) == ((), ())


def test_only_so_many_unknown_words_are_tried() -> None:
    unknown = " ".join(f"щъщъ{chr(ord('а') + number)}фыв" for number in range(MAX_TRIES))
    assert found(f"калодки {unknown}") == ["pads"]
    assert found(f"{unknown} калодки") == []


@given(st.text(max_size=40))
def test_any_text_may_be_retyped(text: str) -> None:
    LEXICON.read(text)
    by_other_keyboard(text)
    in_russian_letters(text)


@pytest.mark.parametrize("word", ["gadget", "budget", "ticket", "subject", "project"])
def test_an_english_word_that_only_sounds_a_little_like_one_of_ours_is_left_alone(
    word: str,
) -> None:
    words = ("катке", "катки", "бачок", "тросик", "маркер", "сайлентблок", "прокладка")
    assert Slips(words).meant(word) is None


def test_a_lexicon_without_words_mends_nothing() -> None:
    assert Slips([]).meant("колодки") is None


def test_a_misspelt_car_is_a_car() -> None:
    reading = LEXICON.read("колодки на салярис и фалькцваген")
    assert ("салярис", "солярис") in reading.corrections
    assert [match.entry.signal for match in reading.matches] == ["pads"]
