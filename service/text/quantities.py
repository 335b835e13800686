"""How many pieces a client wants: "стойки в круг" are four, "2 шт", "пару".

An amount goes to the nearest stretch of words, in its own clause, that names something to buy.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.text.words import listed, word_stem

TWO = "два две двух двое пара пару пары парочку оба обе обоих обеих two"
NUMERALS = {
    **dict.fromkeys(listed("один одна одно одну one"), 1),
    **dict.fromkeys(listed(TWO), 2),
    **dict.fromkeys(listed("три трех трое three"), 3),
    **dict.fromkeys(listed("четыре четырех четверо four"), 4),
    **{"пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "десяток": 10},
    **{"five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
}
PIECES = frozenset(
    listed(
        "шт штук штука штуки штуку штучки комплект комплекта комплектов компл pcs pc piece pieces "
        "set sets х x"
    )
)
ALL_ROUND = frozenset({("в", "круг"), ("на", "круг"), ("по", "кругу")})
WHEELS = 4
BEFORE_TIMES_AND_NUMBERS = frozenset(listed("в к ко до с от через после около № #"))
PLAIN_NUMBER = re.compile(r"([0-9]{1,4})([a-zа-я]*)")
MAX_WITHOUT_A_WORD = 99  # more than that without "шт" is a year, a model or a price
WORDS_AROUND = 6
WORDS_BEFORE_A_NOUN = 2
MEASURES = frozenset(
    word_stem(word)
    for word in listed(
        "л литр литров мл кг кило г гр грамм мм см м метр метра км год года лет век тыс тысяч т к "
        "р руб рублей млн день дня дней неделя недели недель месяц месяца сутки суток час часа "
        "часов мин минут сек секунд утра вечера ночи раз раза вольт ампер ач квт лс дюймов "
        "цилиндров клапанов человек гостей персон залп залпов выстрел выстрелов калибр поколения "
        "го й января февраля марта апреля мая июня июля августа сентября октября ноября декабря "
        "l liter liters litre ml kg mm cm km year years day days week hour hours min minutes"
    )
) | {"₽", "%", "$", "€"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of a text that stand together, by the places of the first and behind the last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Amount:
    start: int
    end: int
    count: int
    counted: bool  # a word says that pieces are counted
    spoken: bool  # "пару", "четыре": no year, model or price is written so


def count_pieces(
    spans: Sequence[Stretch], tokens: Sequence[str], stems: Sequence[str]
) -> dict[int, int]:
    """How many pieces, by the start of each span."""
    counts = [0] * len(spans)
    starts = [span.start for span in spans]
    for amount in _amounts(tokens, stems):
        nearest = _nearest(amount, spans, bisect_right(starts, amount.start), counts, stems)
        if nearest is not None:
            counts[nearest] = max(counts[nearest], amount.count)
    return {start: max(1, count) for start, count in zip(starts, counts, strict=True)}


def _amounts(tokens: Sequence[str], stems: Sequence[str]) -> Iterable[_Amount]:
    for at, token in enumerate(tokens):
        if token in NUMERALS:
            amount = _amount(tokens, stems, at, NUMERALS[token], None)
        elif token[0].isdigit() and (number := PLAIN_NUMBER.fullmatch(token)):
            amount = _amount(tokens, stems, at, int(number[1]), number[2])
        elif at and (tokens[at - 1], token) in ALL_ROUND:
            amount = _Amount(at - 1, at + 1, WHEELS, True, True)
        else:
            continue
        if amount is not None:
            yield amount


def _amount(
    tokens: Sequence[str], stems: Sequence[str], at: int, count: int, glued: str | None
) -> _Amount | None:
    follows = at + 1 < len(tokens)
    if glued:
        return _Amount(at, at + 1, count, True, False) if glued in PIECES else None
    if follows and tokens[at + 1] in PIECES:
        return _Amount(at, at + 2, count, True, False)
    if follows and (stems[at + 1] or tokens[at + 1]) in MEASURES:
        return None
    if count > MAX_WITHOUT_A_WORD or (at and tokens[at - 1] in BEFORE_TIMES_AND_NUMBERS):
        return None
    return _Amount(at, at + 1, count, False, glued is None)


def _nearest(
    amount: _Amount, spans: Sequence[Stretch], after: int, counts: list[int], stems: Sequence[str]
) -> int | None:
    """Which of the spans is counted: `after` is the first that starts behind the amount."""
    before = after - 1
    if before >= 0 and spans[before].end > amount.start:
        return None
    behind = _gap(stems, spans[before].end, amount.start) if before >= 0 else WORDS_AROUND
    ahead = _gap(stems, amount.end, spans[after].start) if after < len(spans) else WORDS_AROUND
    if amount.counted:
        if min(behind, ahead) >= WORDS_AROUND:
            return None
        return after if ahead < behind or (ahead == behind and counts[before]) else before
    if ahead <= WORDS_BEFORE_A_NOUN:
        return after
    closes = amount.end == len(stems) or not stems[amount.end]
    return before if closes and behind <= WORDS_BEFORE_A_NOUN * amount.spoken else None


def _gap(stems: Sequence[str], start: int, end: int) -> int:
    """How many words lie between, WORDS_AROUND when that many or another clause."""
    if end - start >= WORDS_AROUND or "" in stems[start:end]:
        return WORDS_AROUND
    return max(0, end - start)
