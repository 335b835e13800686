"""Where no signal says what a client wants, their words vote for it; signals always win."""

from itertools import permutations

import pytest
from lexicon_builders import ENTRIES, MAX_BILL, MAX_QUANTITY

from service.leads.lead import Intent
from service.text.entries import Entry
from service.text.lexicon import Lexicon
from service.text.votes import VOTED, Voted, Votes, features_of

WEIGHTS = {
    "курьер": (400, 0, 0, 0),
    "задержаться": (0, 0, 0, 0),
    "<past>": (0, 0, 100, 0),
    "~чатик": (0, 0, 0, 500),
}
SURE = {Intent.ORDER_QUESTION: 0.9, Intent.COMPLAINT: 0.5}
VOTES = Votes((0, 0, 0, 0), WEIGHTS, SURE)
JOB = Entry("job", ("работа курьером",), "A1", intent=Intent.OTHER)
LEXICON = Lexicon([*ENTRIES, JOB], MAX_QUANTITY, MAX_BILL, VOTES)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("задержался курьер ваш", Intent.ORDER_QUESTION),
        ("курьер", None),  # a single word says nothing
        ("курьер задержался", None),  # two are too few
        ("ваш курьер едет", None),  # only one was learned
        ("и мне бы", None),
        ("привет чатик", None),  # the policy wants no such vote
        ("нужны колодки, пусть курьер привезёт", None),  # who needs goods wants to buy
        ("ищу: работа курьером", Intent.OTHER),  # a signal
        ("", None),
    ],
)
def test_words_vote_where_no_signal_speaks(text: str, intent: Intent | None) -> None:
    found = LEXICON.read(text).intent
    assert (None if found is None else found.value) is intent


def test_a_vote_says_how_sure_it_is() -> None:
    reading = LEXICON.read("задержался курьер ваш")
    assert reading.vote == Voted(Intent.ORDER_QUESTION, 0.98)
    assert reading.intent is not None
    assert reading.intent.entries == ()
    assert LEXICON.read("ищу: работа курьером").vote is None


def test_what_is_not_surely_enough_is_no_vote() -> None:
    assert VOTES.of(["курьер", "ваш", "задержался"], frozenset()) is not None
    strict = Votes((0, 0, 0, 0), WEIGHTS, dict.fromkeys(VOTED, 0.999))
    assert strict.of(["курьер", "ваш", "задержался"], frozenset()) is None


def test_the_order_of_the_features_never_decides() -> None:
    weights = {"а": (10, 0, 0, 0), "б": (20, 0, 0, 0), "в": (30, 0, 0, 0)}
    votes = Votes((0, 60, 0, 0), weights, SURE)
    for order in permutations(weights):
        assert votes.odds(order) == [0.6, 0.6, 0.0, 0.0]  # 0.1 + 0.2 + 0.3 is more than 0.6


def test_a_lexicon_without_votes_reads_as_before() -> None:
    plain = Lexicon([*ENTRIES, JOB], MAX_QUANTITY, MAX_BILL)
    assert plain.read("задержался курьер ваш").intent is None
    assert not plain.reads_as(LEXICON)


def test_features_are_lemmas_forms_beginnings_and_pairs() -> None:
    assert features_of(["колодки", "сгорели", "?"], frozenset({0})) == {
        *("<goods>", "сгореть", "<past plural>", "сгор…", "сгоре…", "?", "^ <goods>"),
        *("<goods> сгореть", "^ $", "<length 0>", "<has goods>"),
    }


@pytest.mark.parametrize("text", ["а" * 8000, "не то " * 1500, "\u200f\u0336 ?! " * 900, "🔥" * 99])
def test_whatever_is_written_votes_fast(text: str) -> None:
    assert LEXICON.read(text).vote is None
