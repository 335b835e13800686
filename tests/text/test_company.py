"""Phrases that count only in company, phrases that only a question has, and what others did."""

import pytest

from service.leads.lead import Intent
from service.text.entries import Entry
from service.text.lexicon import Lexicon

ENTRIES = [
    Entry("struts", ("стойки",), "A5", urgency=0.5, bill=8000),
    Entry("seal", ("сальник",), "A5", urgency=0.6, bill=700),
    Entry("axle", ("мост", "задний мост"), "A5", bill=40_000, assembly=True),
    Entry("glass", ("стекло",), "A5", bill=7000),
    Entry("glue", ("герметик",), "A5", bill=500),
    Entry("buys", ("куплю",), "A1"),
    Entry("scrap", ("куплю",), "A1", intent=Intent.OTHER, together=("дорого",), apart=("не",)),
    Entry("arrived", ("пришли?", "приехала?"), "A10", intent=Intent.ORDER_QUESTION),
    Entry("theirs", ("мои",), "A10", intent=Intent.ORDER_QUESTION, together=("готовы",)),
    Entry("cheats", ("обманули", "претензии"), "B4", intent=Intent.COMPLAINT),
    Entry("partners", ("хотим сотрудничать",), "A1", intent=Intent.OTHER),
    Entry("gone", ("взял у",), "A1", chance_factor=0.2, apart=("вас",)),
    Entry("bought", ("уже купил",), "A1", chance_factor=0.2),
]
LEXICON = Lexicon(ENTRIES, 20, 1_000_000)


def signals(text: str) -> list[str]:
    return [match.entry.signal for match in LEXICON.read(text).matches]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("куплю стойки", ["buys", "struts"]),
        ("дорого куплю", ["scrap"]),
        ("куплю, если не дорого", ["buys"]),
        ("куплю. у других дорого", ["buys"]),
        ("взял у соседа", ["gone"]),
        ("взял у вас стойки", ["struts"]),
        ("мои готовы", ["theirs"]),
        ("мои стойки в порядке", ["struts"]),
    ],
)
def test_a_phrase_counts_by_the_words_of_its_sentence(text: str, found: list[str]) -> None:
    assert signals(text) == found


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("стойки пришли?", Intent.ORDER_QUESTION),
        ("стойки пришли уже?", Intent.ORDER_QUESTION),
        ("стойки пришли в негодность, есть новые?", None),
        ("стойки пришли.", None),
    ],
)
def test_a_phrase_of_a_question_is_found_only_there(text: str, intent: Intent | None) -> None:
    found = LEXICON.read(text).intent
    assert (found and found.value) == intent


@pytest.mark.parametrize(
    ("text", "complains"),
    [
        ("обманули", True),
        ("в другом магазине обманули, нужны стойки", False),
        ("на рынке обманули, теперь к вам", False),
        ("вы обманули", True),
        ("претензий к прошлому заказу нет", False),
        ("претензии к заказу", True),
    ],
)
def test_what_others_did_is_no_complaint(text: str, complains: bool) -> None:
    found = LEXICON.read(text).intent
    assert (found is not None and found.value is Intent.COMPLAINT) is complains


def test_a_wish_within_an_advert_asks_for_nothing() -> None:
    advert, client = "стойки, хотим сотрудничать", "хотим стойки и хотим сотрудничать"
    assert LEXICON.read(advert).intent is not None
    assert LEXICON.read(client).intent is None


def test_who_has_this_and_names_that_is_not_lost() -> None:
    assert LEXICON.read("стойки уже купил, остался сальник").chance_factor.value == 1
    assert LEXICON.read("уже купил стойки").chance_factor.value < 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("сальник заднего моста", ["seal"]),
        ("герметик для стекла", ["glue"]),
        ("задний мост", ["axle"]),
    ],
)
def test_a_place_of_several_words_is_not_wanted(text: str, found: list[str]) -> None:
    assert signals(text) == found


def test_the_same_phrase_twice_needs_company_for_one_of_them() -> None:
    twice = [Entry("first", ("куплю",), "A1"), Entry("second", ("куплю",), "A1")]
    with pytest.raises(ValueError, match="also means"):
        Lexicon(twice, 20, 1_000_000)
