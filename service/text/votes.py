"""Guesses the intent of a text by a vote of its words, when no signal of the lexicon gives it.

Each feature of a text has a weight for each class except the sale: the logarithm of the odds
against a sale, in hundredths. Their sums give the shares of the classes: the intents, and what is
settled ("вопрос снят"). Signals are features too. The weights are data. The policy says how certain
a vote must be. It takes linear time and reads at most the first MAX_TOKENS tokens.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.leads.lead import Intent
from service.text.car_names import CAR_NAMES, CAR_STEMS
from service.text.dictionary import is_in_dictionary, lemma_of, stem_of
from service.text.tokens import COMMON, FILLERS, SENTENCE_MARKS, is_word

MAX_TOKENS = 60
FEWEST_WORDS, FEWEST_NAMES, FEWEST_KNOWN = 3, 2, 2  # with fewer words no vote is certain
VOTED = (Intent.ORDER_QUESTION, Intent.RETURN, Intent.COMPLAINT, Intent.OTHER)
SETTLED = "settled"
CLASSES = (*(intent.value for intent in VOTED), SETTLED)
GRAVER = {
    Intent.ORDER_QUESTION: (Intent.RETURN, Intent.COMPLAINT),
    Intent.RETURN: (Intent.COMPLAINT,),
}
AFTER_SALE = (Intent.RETURN, Intent.COMPLAINT)
SAYS_OTHER, WILL_PAY, WISHES = "<says other>", "<chance up>", "<wishes>"
GOODS, CAR, NUMBER = ("<goods>",), ("<car>",), ("<number>",)
ASKING = frozenset("?!")
EVERYWHERE = COMMON | FILLERS
BEGINS, ENDS = "^", "$"
BEGINNINGS = (3, 4, 5)  # letters that related words share
ENDING, FEWEST_ENDED = 3, 5
WORDS_A_STEP, STEPS = 4, 4
MAX_NEW = 4
OVER_ANOTHER_SIGNAL = 0.9  # words of no client's over a return or a question on an order
OVER_A_WISH = 0.95  # "надо", "нужен" beside goods
NEARLY_CERTAIN = 0.85  # over goods, a wish to pay, and a single word that was learnt
HARDLY_A_DOUBT = 0.97  # where no word was ever learnt
OVER_A_HINT = 0.6  # a signal without an intent hints at a client
OVER_GOODS, OVER_A_SIGNAL = 0.75, 0.75
CERTAINLY_SETTLED = 0.6
HUNDREDTHS = 100

Weights = Mapping[str, Sequence[int]]
Shares = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Voted:
    """The intent of a vote, and the certainty that the text is no plain sale, 0…1."""

    intent: Intent
    certainty: float


@dataclass(frozen=True, slots=True)
class Electorate:
    """What votes: tokens, places of goods, what signals hint at, and their intent."""

    tokens: Sequence[str]
    goods: Collection[int] = frozenset()
    hints: frozenset[str] = frozenset()
    intent: Intent | None = None


class Votes:
    """Weights of features for the classes, and the certainty needed for each intent."""

    __slots__ = ("_at_least", "_biases", "_weights")

    def __init__(
        self, biases: Sequence[int], weights: Weights, at_least: Mapping[Intent, float]
    ) -> None:
        self._biases, self._weights = biases, weights
        self._at_least = dict(at_least)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Votes) and (self._at_least, self._weights) == (
            other._at_least,
            other._weights,
        )

    def __hash__(self) -> int:
        return hash(tuple(sorted(self._at_least.items())))

    @property
    def parts(self) -> tuple[object, ...]:
        """All that a vote depends on."""
        return self._biases, sorted(self._at_least.items()), sorted(self._weights.items())

    @property
    def at_least(self) -> Mapping[Intent, float]:
        """The certainty needed for each intent that may win a vote."""
        return self._at_least

    def of(self, text: Electorate) -> Voted | None:
        """The winner of the vote, if it is certain enough."""
        names = names_of(text.tokens, text.goods)
        if len(names) < FEWEST_NAMES or sum(map(str.isalpha, text.tokens)) < FEWEST_WORDS:
            return None
        known = sum(name in self._weights for name in names)
        shares = self._shares(text, len(names) - known)
        if text.intent is not None:
            return self._graver(text.intent, text, shares)
        best = max(VOTED, key=shares.__getitem__)
        if WISHES in text.hints and (best not in AFTER_SALE or shares[best] < OVER_A_WISH):
            return None
        certainty = shares[best] if best is Intent.OTHER else sum(map(shares.__getitem__, VOTED))
        needed = self._needed(best, known, text)
        if needed is None or certainty < needed or shares[best] < shares[SETTLED]:
            return None
        return Voted(best, round(certainty, 2))

    def settles(self, tokens: Sequence[str]) -> bool:
        """Whether the words say that a matter is settled: taken back, solved, needed no more."""
        if not any(map(str.isalpha, tokens)):
            return False
        return self._shares(Electorate(tokens), 0)[SETTLED] >= CERTAINLY_SETTLED

    def _graver(self, intent: Intent, text: Electorate, shares: Shares) -> Voted | None:
        """Another intent than the signals', if the words are certain of it.

        It is a graver one; or no client's, if signals say so too, or nothing speaks of goods.
        """
        needed = dict.fromkeys(GRAVER.get(intent, ()), OVER_A_SIGNAL)
        if intent is not Intent.OTHER and SAYS_OTHER in text.hints:
            needed[Intent.OTHER] = OVER_A_SIGNAL
        elif intent in GRAVER and not text.goods:
            needed[Intent.OTHER] = OVER_ANOTHER_SIGNAL
        for other, least in needed.items():
            if other in self._at_least and shares[other] >= least:
                return Voted(other, round(shares[other], 2))
        return None

    def _needed(self, intent: Intent, known: int, text: Electorate) -> float | None:
        """How certain a vote must be. A text with goods is a client's unless it is nearly certain.

        Words that were never learnt may belong to another trade, but to no order of ours.
        """
        needed = self._at_least.get(intent)
        if needed is None or (not known and intent is not Intent.OTHER):
            return None
        if intent is Intent.OTHER and not known:
            return max(needed, HARDLY_A_DOUBT)
        is_little_known = known < FEWEST_KNOWN and intent is not Intent.OTHER
        if is_little_known or WILL_PAY in text.hints or (intent is Intent.OTHER and text.goods):
            return max(needed, NEARLY_CERTAIN)
        if text.goods:
            return max(needed, OVER_GOODS)
        return max(needed, OVER_A_HINT) if text.hints else needed

    def _shares(self, text: Electorate, new: int) -> Shares:
        """How likely each class is, beside a sale."""
        odds = self.odds(features_of(text) | {novelty(new)})
        highest = max(0.0, *odds)
        powers = [math.exp(each - highest) for each in odds]
        total = math.exp(-highest) + sum(powers)
        return {name: power / total for name, power in zip(CLASSES, powers, strict=True)}

    def odds(self, features: Iterable[str]) -> list[float]:
        """The logarithms of the odds of each class against a sale."""
        sums = list(self._biases)
        for feature in features:
            weights = self._weights.get(feature)
            if weights is not None:
                for place, weight in enumerate(weights):
                    sums[place] += weight
        return [total / HUNDREDTHS for total in sums]


def features_of(text: Electorate) -> set[str]:
    """The features of a text.

    They are words by lemma, form, beginnings and ending, word pairs, marks, length and signals.
    """
    tokens = text.tokens[:MAX_TOKENS]
    found = set(text.hints)
    before, has_goods = BEGINS, False
    for place, token in enumerate(tokens):
        is_goods = place in text.goods
        features = GOODS if is_goods else _features_of(token)
        if not features:
            continue
        found.update(features)
        has_goods |= is_goods
        if token in ASKING:
            before = BEGINS
        elif not (is_goods and before == features[0]):
            found.add(f"{before} {features[0]}")
            before = features[0]
        if token in SENTENCE_MARKS:
            before = BEGINS
    found.add(f"{before} {ENDS}")
    found.add(f"<length {min(STEPS, len(tokens) // WORDS_A_STEP)}>")
    found.add("<has goods>" if has_goods else "<no goods>")
    return found


def names_of(tokens: Sequence[str], goods: Collection[int]) -> list[str]:
    """What the words that say something are learned by: no things to buy, no cars, no fillers."""
    return [
        features[0]
        for place, token in enumerate(tokens[:MAX_TOKENS])
        if token.isalpha()
        and token not in EVERYWHERE
        and place not in goods
        and (features := _features_of(token))
        and features is not CAR
    ]


def novelty(new: int) -> str:
    """The feature of a text with so many words that were never learnt."""
    return f"<new words {min(MAX_NEW, new)}>"


@lru_cache(16_384)
def _features_of(token: str) -> tuple[str, ...]:
    if token[0].isdigit():
        return NUMBER
    if not is_word(token):
        return (token,) if token in ASKING else ()
    if token in CAR_NAMES or stem_of(token) in CAR_STEMS:
        return CAR
    if not is_in_dictionary(token):
        stem = stem_of(token)
        return (f"~{stem}", *_parts(stem, token))
    lemma, form = lemma_of(token)
    return (lemma, *((f"<{form}>",) if form else ()), *_parts(lemma, token))


def _parts(word: str, written: str) -> tuple[str, ...]:
    beginnings = (f"{word[:length]}…" for length in BEGINNINGS if len(word) >= length)
    ending = (f"…{written[-ENDING:]}",) if len(written) >= FEWEST_ENDED else ()
    return (*beginnings, *ending, f"={written}")
