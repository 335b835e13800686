"""Where no signal says what a client wants, their words vote for it, or make it graver."""

from itertools import permutations

import pytest
from lexicon_builders import ENTRIES, MAX_BILL, MAX_QUANTITY

from service.leads.lead import Intent
from service.text.entries import Entry
from service.text.lexicon import Lexicon
from service.text.votes import VOTED, Electorate, Voted, Votes, features_of

WEIGHTS = {
    "курьер": (400, 0, 0, 0, 0),
    "задержаться": (0, 0, 0, 0, 0),
    "<past>": (0, 0, 100, 0, 0),
    "~чатик": (0, 0, 0, 500, 0),
    "сыч": (150, 0, 0, 0, 0),
    "решить": (0, 0, 0, 0, 600),
    "подлый": (0, 0, 500, 0, 0),
    "обман": (0, 0, 500, 0, 0),
    "<says other>": (0, 0, 0, 900, 0),
    "<chance up>": (0, 0, 0, 0, 0),
}
SURE = {Intent.ORDER_QUESTION: 0.9, Intent.COMPLAINT: 0.5}
VOTES = Votes((0, 0, 0, 0, 0), WEIGHTS, SURE)
JOB = Entry("job", ("работа курьером",), "A1", intent=Intent.OTHER)
SURE_ENOUGH = dict.fromkeys(VOTED, 0.55)
LEXICON = Lexicon([*ENTRIES, JOB], MAX_QUANTITY, MAX_BILL, VOTES)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("задержался курьер ваш", Intent.ORDER_QUESTION),
        ("курьер", None),  # a single word says nothing
        ("курьер задержался", None),  # two are too few
        ("ваш курьер едет", Intent.ORDER_QUESTION),  # a single word that was learned is certain
        ("ваш сыч ухает", None),  # and here it is not
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
    assert reading.vote == Voted(Intent.ORDER_QUESTION, 0.97)
    assert reading.intent is not None
    assert reading.intent.entries == ()
    assert LEXICON.read("ищу: работа курьером").vote is None


LATE = Electorate(["курьер", "ваш", "задержался"])
VILE = ["подлый", "обман", "заказа"]


def test_what_is_not_surely_enough_is_no_vote() -> None:
    assert VOTES.of(LATE) is not None
    strict = Votes((0, 0, 0, 0, 0), WEIGHTS, dict.fromkeys(VOTED, 0.999))
    assert strict.of(LATE) is None


@pytest.mark.parametrize(
    ("hints", "goods"), [({"<chance up>"}, ()), ({"<skill>"}, ()), ((), {0})], ids=str
)
def test_a_vote_needs_more_certainty_over_a_client(hints: set[str], goods: set[int]) -> None:
    words = ["курьер", "едет", "задержался", "подлый"]
    biases = (-100, -900, -900, -900, -900)
    learnt = {"задержаться": (125, 0, 0, 0, 0), "подлый": (0,) * 5}
    weak = Votes(biases, learnt, SURE_ENOUGH)
    assert weak.of(Electorate(words)) is not None
    assert weak.of(Electorate(words, goods, frozenset(hints))) is None


@pytest.mark.parametrize(
    ("intent", "voted"),
    [
        (Intent.ORDER_QUESTION, Intent.COMPLAINT),
        (Intent.RETURN, Intent.COMPLAINT),
        (Intent.COMPLAINT, None),
    ],
)
def test_words_make_a_graver_matter_of_a_signal(intent: Intent, voted: Intent | None) -> None:
    vote = VOTES.of(Electorate(VILE, intent=intent))
    assert (None if vote is None else vote.intent) is voted


def test_words_never_make_a_lighter_matter_of_a_complaint() -> None:
    assert VOTES.of(Electorate(LATE.tokens, intent=Intent.COMPLAINT)) is None


def test_signals_and_words_together_say_that_somebody_is_no_client() -> None:
    every = Votes((0,) * 5, WEIGHTS, dict.fromkeys(VOTED, 0.5))
    says = frozenset({"<says other>"})
    vote = every.of(Electorate(["чатик", "ваш", "задержался"], (), says, Intent.RETURN))
    assert vote is not None
    assert vote.intent is Intent.OTHER


def test_what_is_settled_ends_what_was_asked_before() -> None:
    assert VOTES.settles(["уже", "решили"])
    assert not VOTES.settles(["курьер"])
    assert not VOTES.settles(["!"])
    reading = LEXICON.read("ищу: работа курьером\nвсё решили")
    assert reading.intent is not None
    assert reading.intent.value is Intent.OTHER  # who is no client settles nothing


def test_a_later_line_settles_a_return_and_a_return_behind_it_stands() -> None:
    assert _intent_of("хочу вернуть колодки\nвсё решили") is Intent.SALE
    assert _intent_of("всё решили\nхочу вернуть колодки") is Intent.RETURN
    assert _intent_of("хочу вернуть колодки\nжалоба, решили они") is Intent.COMPLAINT


def _intent_of(text: str) -> Intent | None:
    found = LEXICON.read(text).intent
    return None if found is None else found.value


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
    assert features_of(Electorate(["колодки", "сгорели", "?"], {0})) == {
        *(
            "<goods>",
            "сгореть",
            "<past plural>",
            "сго…",
            "сгор…",
            "сгоре…",
            "…ели",
            "=сгорели",
            "?",
            "^ <goods>",
        ),
        *("<goods> сгореть", "^ $", "<length 0>", "<has goods>"),
    }


@pytest.mark.parametrize("text", ["а" * 8000, "не то " * 1500, "\u200f\u0336 ?! " * 900, "🔥" * 99])
def test_whatever_is_written_votes_fast(text: str) -> None:
    assert LEXICON.read(text).vote is None
