"""Which wishes the arrived goods fulfil (rule B12)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from service.text.lexicon import Lexicon
from service.text.tokens import FILLERS, is_word, tokens_of
from service.text.word_forms import keyed

LEAST_ARTICLE = 4
LONGEST_LETTERS = 4
# Letters that look alike in both alphabets; clients type article numbers in either.
LATIN = str.maketrans("АВЕКМНОРСТУХЗ", "ABEKMHOPCTYX3")
SIGNS = re.compile(r"[0-9A-ZА-Я]")
BETWEEN = r"[\s./_-]?"


@dataclass(frozen=True, slots=True)
class ArrivedGoods:
    """Goods that are on sale now: the shop's name for them, and all ways a wish may name them."""

    name: str
    signals: frozenset[str]
    article: re.Pattern[str] | None
    words: tuple[frozenset[str], ...]


def read_goods(name: str, lexicon: Lexicon) -> ArrivedGoods:
    """The meaning of a name: goods of the lexicon, words, or an article number."""
    return ArrivedGoods(name, _signals(name, lexicon), _article(name), (*_words(name),))


def find_wished(words: str, arrived: Sequence[ArrivedGoods], lexicon: Lexicon) -> str | None:
    """The name of the first goods that a wish asks for; None when it asks for none of them."""
    signals, signs = _signals(words, lexicon), _signs(words)
    wished = frozenset(chain.from_iterable(_words(words)))
    for goods in arrived:
        is_named = bool(goods.signals & signals)
        is_numbered = goods.article is not None and goods.article.search(signs) is not None
        is_called = bool(goods.words) and all(word & wished for word in goods.words)
        if is_named or is_numbered or is_called:
            return goods.name
    return None


def _signals(words: str, lexicon: Lexicon) -> frozenset[str]:
    """The signals of goods in the words: those with a bill, and signal names themselves."""
    found = {match.entry.signal for match in lexicon.read(words).matches if match.entry.bill}
    return frozenset({*found, *(part for part in words.split() if "_" in part)})


def _article(name: str) -> re.Pattern[str] | None:
    """A pattern for the article number with any spaces and dashes; None for other names."""
    signs = SIGNS.findall(_signs(name))
    parts = name.split()
    is_number = all(any(sign.isdigit() for sign in part) or _is_short(part) for part in parts)
    if len(signs) < LEAST_ARTICLE or not is_number or not any(sign.isdigit() for sign in signs):
        return None
    return re.compile(f"(?<![0-9A-ZА-Я]){BETWEEN.join(signs)}(?![0-9A-ZА-Я])")


def _is_short(part: str) -> bool:
    return len(part) <= LONGEST_LETTERS


def _signs(words: str) -> str:
    return words.upper().translate(LATIN)


def _words(words: str) -> Iterator[frozenset[str]]:
    """Each word as the set of its possible base forms; numbers as they are."""
    for token in tokens_of(words):
        if is_word(token) and token not in FILLERS:
            yield frozenset(keyed(token)[0].split("/"))
        elif token[0].isdigit():
            yield frozenset({token.replace("-", "")})
