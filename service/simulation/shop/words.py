"""The wishes and texts of simulated clients: goods, phrases, and the truth about them."""

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log, prod, sqrt
from random import Random

from service.simulation.scenarios.document import GoodPart, WordsPart


@dataclass(frozen=True, slots=True)
class Wish:
    """A client's wish: priced positions, their words, and the client's need."""

    prices: tuple[tuple[str, float], ...]
    need: float
    chance: float
    text: str

    @property
    def bill(self) -> float:
        """The sum of the positions."""
        return sum(price for _, price in self.prices)


class Wishes:
    """Draws wishes. The same state of the generator gives the same wishes."""

    def __init__(self, words: WordsPart) -> None:
        self._words = words
        self._weights = list(accumulate(good.weight for good in words.goods))
        self._parts = list(accumulate(words.parts))

    def draw(self, draws: Random) -> Wish:
        """A wish. Goods with a greater weight are more likely."""
        words = self._words
        count = 1 + _index(self._parts, draws)
        goods = [words.goods[_index(self._weights, draws)] for _ in range(count)]
        prices = tuple((good.words, good.bill * spread(words.bill_cv, draws)) for good in goods)
        phrases = [item for item in words.phrases if draws.random() < item.share]
        need = min(good.need for good in goods) * _pressure([item.need for item in phrases])
        low, high = words.need_range
        written = [item.words for item in phrases if draws.random() < words.written]
        return Wish(
            prices,
            need=min(high, max(low, need)),
            chance=prod(item.chance for item in phrases),
            text=self._text(goods, written, draws),
        )

    def _text(self, goods: list[GoodPart], written: list[str], draws: Random) -> str:
        words = self._words
        unread, place = draws.random() < words.unread, draws.random()
        names = [good.words for good in dict.fromkeys(goods)]
        if unread:
            names = [words.unread_words[int(place * len(words.unread_words))]]
        return f"{words.greeting} {', '.join(names)}. {'. '.join(written)}".rstrip(" .") + "."


def _pressure(needs: list[float]) -> float:
    """The strongest pressure of several needs; only without any does spare time count."""
    least, most = min(needs, default=1.0), max(needs, default=1.0)
    return least if least < 1 else most


def spread(cv: float, draws: Random) -> float:
    """A lognormal factor with mean 1 and this coefficient of variation."""
    normal = draws.gauss(0.0, 1.0)
    variance = log(1 + cv * cv)
    return exp(sqrt(variance) * normal - variance / 2)


def _index(sums: list[float], draws: Random) -> int:
    return min(bisect(sums, draws.random() * sums[-1]), len(sums) - 1)
