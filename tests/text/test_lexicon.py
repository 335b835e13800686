"""What the words of a text come to, and which vocabularies are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lexicon_builders import ENTRIES, LEXICON, MAX_BILL, MAX_QUANTITY

from service.leads.lead import Intent
from service.text.entries import Entry, TextReading
from service.text.lexicon import Lexicon
from service.text.phrases import MAX_PHRASE

WORDS = (
    "колодки стойки стоек крыла опора клипса на подкрылок не срочно к спеху 2 4 20 шт пару оба в "
    "круг по кругу литра 2019 x5 5w-30 , . ! \n ( ) готов оплатить верните деньги 🔥 urgent"
)
steady = settings(deadline=None)
texts = st.text() | st.lists(st.sampled_from(WORDS.split()), max_size=60).map(" ".join)


def test_the_highest_urgency_decides() -> None:
    urgency = LEXICON.read("колодки и стойки").urgency
    assert urgency is not None
    assert (urgency.value, urgency.source, urgency.rule) == (0.9, "pads", "A5")


@pytest.mark.parametrize(
    ("text", "value", "source"),
    [
        ("колодки, не к спеху", 0.1, "no_hurry"),
        ("не срочно", 0.1, "no_hurry"),
        ("срочно! хотя не срочно", 0.1, "no_hurry"),
        ("колодки, скоро менять", 0.3, "later"),
        ("крыло, скоро менять", 0.2, "wing"),
    ],
)
def test_no_hurry_caps_what_other_words_say(text: str, value: float, source: str) -> None:
    urgency = LEXICON.read(text).urgency
    assert urgency is not None
    assert (urgency.value, urgency.source) == (value, source)


@pytest.mark.parametrize("text", ["скоро менять", "клипса", "добрый день"])
def test_urgency_is_none_when_no_word_says(text: str) -> None:
    assert LEXICON.read(text).urgency is None


@pytest.mark.parametrize(
    ("text", "value", "source"),
    [
        ("стойки в круг и колодки", 37_000, "struts, pads"),
        ("колодки, колодки и ещё раз колодки", 5_000, "pads"),
        ("20 крыльев", MAX_BILL, "wing"),
    ],
)
def test_the_bill_is_the_sum_of_pieces(text: str, value: float, source: str) -> None:
    bill = LEXICON.read(text).bill
    assert bill is not None
    assert (bill.value, bill.source) == (value, source)


def test_a_bill_names_each_rule_once() -> None:
    bill = LEXICON.read("колодки, стойки, клипса").bill
    assert bill is not None
    assert bill.rule == "A5, A6"


def test_no_bill_without_a_word_that_has_one() -> None:
    assert LEXICON.read("срочно, готов оплатить").bill is None


@pytest.mark.parametrize(
    ("text", "factor", "source"),
    [
        ("колодки", 1.0, ""),
        ("просто узнать цену", 0.5, "just_asks"),
        ("просто узнать цену, готов оплатить", 0.75, "just_asks, ready"),
    ],
)
def test_chance_factors_multiply(text: str, factor: float, source: str) -> None:
    sent = LEXICON.read(text).chance_factor
    assert (sent.value, sent.source) == (factor, source)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("где мой заказ", Intent.ORDER_QUESTION),
        ("где мой заказ? хочу вернуть", Intent.RETURN),
        ("хочу вернуть, верните деньги, где мой заказ", Intent.COMPLAINT),
    ],
)
def test_the_gravest_intent_is_said(text: str, intent: Intent) -> None:
    sent = LEXICON.read(text).intent
    assert sent is not None
    assert sent.value is intent
    assert all(entry.intent is intent for entry in sent.entries)


def test_no_intent_without_a_word_of_it() -> None:
    assert LEXICON.read("колодки").intent is None


def test_skills_are_gathered() -> None:
    assert LEXICON.read("жалоба! и оптом").skills == {"complaints", "wholesale"}


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ([Entry("a", ("колодки",), "A5"), Entry("b", ("колодка",), "A5")], "also means a"),
        ([Entry("a", ("колодки",), "A5"), Entry("a", ("стойки",), "A5")], "same signal"),
        ([Entry("a", ("!",), "A5")], "needs 1 to 6 words"),
        ([Entry("a", (" ".join(["слово"] * (MAX_PHRASE + 1)),), "A5")], "needs 1 to 6 words"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(entries: list[Entry], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Lexicon(entries, MAX_QUANTITY, MAX_BILL)


def test_forms_of_a_word_within_an_entry_are_welcome() -> None:
    lexicon = Lexicon([Entry("a", ("колодки", "колодка"), "A5")], MAX_QUANTITY, MAX_BILL)
    assert len(lexicon.read("колодок").matches) == 1


def test_an_empty_lexicon_reads_nothing() -> None:
    assert Lexicon([], MAX_QUANTITY, MAX_BILL).read("колодки").matches == ()


def check_bounds(reading: TextReading) -> None:
    signals = [match.entry.signal for match in reading.matches]
    assert len(signals) == len(set(signals))
    assert all(1 <= match.quantity <= MAX_QUANTITY for match in reading.matches)
    assert reading.urgency is None or 0 <= reading.urgency.value <= 1
    assert reading.bill is None or 0 <= reading.bill.value <= MAX_BILL


@steady
@given(texts)
def test_any_text_is_read(text: str) -> None:
    check_bounds(LEXICON.read(text))


@steady
@given(texts, st.permutations(ENTRIES))
def test_the_order_of_entries_does_not_matter(text: str, entries: list[Entry]) -> None:
    assert Lexicon(entries, MAX_QUANTITY, MAX_BILL).read(text) == LEXICON.read(text)


# a later word may take goods out, so that not every text repeats itself
@settings(derandomize=True, deadline=None)
@given(texts)
def test_what_is_repeated_says_no_more(text: str) -> None:
    once, twice = LEXICON.read(text), LEXICON.read(text + "\n" + text)
    for part in ("urgency", "bill", "intent", "chance_factor", "urgency_cap"):
        first, second = getattr(once, part), getattr(twice, part)
        assert (first is None) == (second is None)
        assert first is None or (first.value, first.entries) == (second.value, second.entries)
    assert once.matches == twice.matches


@pytest.mark.parametrize(
    "part", ["а", "колодки ", "не к ", "2 ", "2 шт ", "стойки 2 шт ", "0.", "x-", "-", "\u200b🔥"]
)
def test_long_texts_are_read(part: str) -> None:
    check_bounds(LEXICON.read((part * 8000)[:8000]))
