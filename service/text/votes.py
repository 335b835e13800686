"""Guesses the intent of a text by a vote of its words, when no signal of the lexicon gives it.

Each feature of a text has a weight for each intent except the sale: the logarithm of the odds
against a sale, in hundredths. Their sums give the shares of the intents. The weights are data. The
policy says how certain a vote must be. It takes linear time and reads at most the first MAX_TOKENS
tokens.
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
GOODS, CAR, NUMBER = ("<goods>",), ("<car>",), ("<number>",)
ASKING = frozenset("?!")
EVERYWHERE = COMMON | FILLERS
BEGINS, ENDS = "^", "$"
SHORT, LONG = 4, 5  # letters of the beginning that related words share
WORDS_A_STEP, STEPS = 4, 4
MAX_NEW = 4
NEARLY_CERTAIN = 0.97

HUNDREDTHS = 100

Weights = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Voted:
    """The intent of a vote, and the certainty that the text is no plain sale, 0…1."""

    intent: Intent
    certainty: float


class Votes:
    """Weights of features for the intents of VOTED, and the certainty needed for each."""

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

    def of(self, tokens: Sequence[str], goods: Collection[int]) -> Voted | None:
        """The winner of the vote, if it is certain enough; `goods` are the places of goods."""
        tokens = tokens[:MAX_TOKENS]
        names = names_of(tokens, goods)
        if len(names) < FEWEST_NAMES or sum(map(str.isalpha, tokens)) < FEWEST_WORDS:
            return None
        new = sum(name not in self._weights for name in names)
        odds = self.odds(features_of(tokens, goods) | {novelty(new)})
        best = max(range(len(VOTED)), key=odds.__getitem__)
        certainty = 1 - 1 / (1 + sum(map(math.exp, odds)))
        needed = self._needed(VOTED[best], len(names) - new, goods)
        if needed is None or certainty < needed:
            return None
        return Voted(VOTED[best], round(certainty, 2))

    def _needed(self, intent: Intent, known: int, goods: Collection[int]) -> float | None:
        """How certain a vote must be. A text with goods is a client's unless it is nearly certain.

        Words that were never learnt may belong to another trade, but to no order of ours.
        """
        needed = self._at_least.get(intent)
        if intent is Intent.OTHER and needed is not None:
            return max(needed, NEARLY_CERTAIN) if goods or not known else needed
        return needed if known >= FEWEST_KNOWN else None

    def odds(self, features: Iterable[str]) -> list[float]:
        """The logarithms of the odds of each intent against a sale."""
        sums = list(self._biases)
        for feature in features:
            weights = self._weights.get(feature)
            if weights is not None:
                for place, weight in enumerate(weights):
                    sums[place] += weight
        return [total / HUNDREDTHS for total in sums]


def features_of(tokens: Sequence[str], goods: Collection[int]) -> set[str]:
    """The features of a text: words by lemma, form and beginning, word pairs, marks and length."""
    tokens = tokens[:MAX_TOKENS]
    found: set[str] = set()
    before, has_goods = BEGINS, False
    for place, token in enumerate(tokens):
        is_goods = place in goods
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
        return (f"~{stem}", *_beginnings(stem))
    lemma, form = lemma_of(token)
    return (lemma, *((f"<{form}>",) if form else ()), *_beginnings(lemma))


def _beginnings(word: str) -> tuple[str, ...]:
    return tuple(f"{word[:length]}…" for length in (SHORT, LONG) if len(word) >= length)
