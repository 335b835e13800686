"""How many pieces a client wants: "стойки в круг" are four, "2 шт", "пару".

An amount belongs to the nearest goods in its own clause.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from service.leads.unchanging import unchanging
from service.text.car_names import CAR_NAMES, CAR_STEMS
from service.text.dictionary import stem_of
from service.text.phrase_tree import SIDES
from service.text.tokens import CLAUSE_MARKS, SENTENCE_MARKS, listed

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
AXLES = frozenset({"перед", "зад"})  # "колодки перед зад": for both axles
BOTH = 2
AXLE_WORDS = frozenset(listed("оси осей"))  # "на обе оси"
BEFORE_TIMES_AND_NUMBERS = frozenset(
    listed(
        "в к ко до с от за через после около на номер № # r р рад максимум макс бюджет лет год г"
    )
)
PLAIN_NUMBER = re.compile(r"([0-9]{1,4})([a-zа-я]*)")
TIMES = re.compile(r"[xх]([0-9]{1,2})")  # "диск х2"
FIRST_LETTERS = frozenset("0123456789xх") | {
    word[0] for word in (*NUMERALS, *AXLES, *(word for _, word in ALL_ROUND))
}
MAX_WITHOUT_A_WORD = 99  # a greater number without "шт" is a year, a model or a price
MAX_BEHIND = 8  # after its noun a bare number is mostly a size: "шины 15"
WORDS_AROUND = 6
WORDS_BEFORE_A_NOUN = 2
FOR = frozenset(listed("на для и к под от for"))
MEASURES = frozenset(
    stem_of(word)
    for word in listed(
        "л литр литров мл кг кило г гр грамм мм см м метр метра км год года лет век тыс тысяч т к "
        "р руб рублей млн день дня дней неделя недели недель месяц месяца сутки суток час часа "
        "часов мин минут сек секунд утра вечера ночи раз раза вольт ампер ач квт лс дюймов "
        "цилиндров клапанов человек гостей персон залп залпов выстрел выстрелов калибр поколения "
        "радиус радиуса дюйма дюйм ач ah вт ватт кубов куб клапанная цилиндровый атм бар лошадей "
        "сил гб тонн тонны карат градусов дв рейсов залпа го й января февраля марта апреля мая "
        "июня июля августа сентября октября ноября декабря l liter liters litre ml kg mm cm km "
        "year years day days week hour hours min minutes"
    )
) | {"₽", "%", "$", "€", "°"}


@unchanging
class Stretch:
    """Adjacent words of a text: the place of the first, and the place after the last."""

    start: int
    end: int


@unchanging
class _Amount:
    start: int
    end: int
    count: int
    counted: bool  # a word such as "шт" counts pieces
    spoken: bool  # "пару", "четыре": no year, model or price is written this way


def count_pieces(
    spans: Sequence[Stretch], tokens: Sequence[str], bounds: Sequence[int | None]
) -> dict[int, int]:
    """The number of pieces by the start of each span; `bounds` are the greatest plausible ones."""
    counts = [0] * len(spans)
    starts = [span.start for span in spans]
    for amount in _amounts(tokens):
        nearest = _nearest(amount, spans, bisect_right(starts, amount.start), counts, tokens)
        if nearest is not None and _is_believable(amount, spans[nearest], bounds[nearest]):
            counts[nearest] = max(counts[nearest], amount.count)
    return {start: max(1, count) for start, count in zip(starts, counts, strict=True)}


def _is_believable(amount: _Amount, span: Stretch, bound: int | None) -> bool:
    """Whether a number can count pieces. A greater bare number is a size, a capacity or a model."""
    if amount.counted or amount.spoken:
        return True
    behind = amount.start >= span.end
    return amount.count <= (bound or (MAX_BEHIND if behind else MAX_WITHOUT_A_WORD))


def _amounts(tokens: Sequence[str]) -> Iterable[_Amount]:
    for at, token in enumerate(tokens):
        if token[0] not in FIRST_LETTERS:
            continue
        if token in NUMERALS:
            amount = _amount(tokens, at, NUMERALS[token], None)
        elif token[0].isdigit() and (number := PLAIN_NUMBER.fullmatch(token)):
            amount = _amount(tokens, at, int(number[1]), number[2])
        elif token[0] in "xх" and (number := _times(tokens, at)):
            amount = _Amount(at, at + 1, int(number[1]), True, False)
        elif at and (tokens[at - 1], token) in ALL_ROUND:
            amount = _Amount(at - 1, at + 1, WHEELS, True, True)
        elif token in AXLES and (length := _both_axles(tokens, at)):
            amount = _Amount(at, at + length, BOTH, True, True)
        else:
            continue
        if amount is not None:
            yield amount


def _times(tokens: Sequence[str], at: int) -> re.Match[str] | None:
    """ "диск х2", but no "бмв х5", and no "х5, рычаг"."""
    before = tokens[at - 1] if at else "\n"
    if before in CLAUSE_MARKS or before in CAR_NAMES or stem_of(before) in CAR_STEMS:
        return None
    return TIMES.fullmatch(tokens[at])


def _both_axles(tokens: Sequence[str], at: int) -> int:
    """How many words name both axles here ("перед зад", "зад и перед"); 0 for one axle."""
    behind = [*tokens[at + 1 : at + 3], "", ""]
    if behind[0] in AXLES and behind[0] != tokens[at]:
        return 2
    return 3 if behind[0] == "и" and behind[1] in AXLES and behind[1] != tokens[at] else 0


def _amount(tokens: Sequence[str], at: int, count: int, glued: str | None) -> _Amount | None:
    behind = tokens[at + 1] if at + 1 < len(tokens) else ""
    before = tokens[at - 1] if at else ""
    if count == BOTH and behind in AXLE_WORDS:
        return _Amount(at, at + 2, BOTH, True, True)
    if glued:
        return _Amount(at, at + 1, count, True, False) if glued in PIECES else None
    if behind in PIECES:
        return _Amount(at, at + 2, count, True, False)
    if behind and (behind in MEASURES or stem_of(behind) in MEASURES):
        return None
    if count > MAX_WITHOUT_A_WORD or before in BEFORE_TIMES_AND_NUMBERS or _is_model(before, glued):
        return None
    return _Amount(at, at + 1, count, False, glued is None)


def _is_model(before: str, glued: str | None) -> bool:
    """Whether a number belongs to a car's name: "камри 40", "rav 4"."""
    return glued is not None and before != "" and stem_of(before) in CAR_STEMS


def _nearest(
    amount: _Amount, spans: Sequence[Stretch], after: int, counts: list[int], tokens: Sequence[str]
) -> int | None:
    """The span that an amount counts; `after` is the first span behind the amount."""
    before = after - 1
    if before >= 0 and spans[before].end > amount.start:
        return None
    behind = _gap(tokens, spans[before].end, amount.start) if before >= 0 else WORDS_AROUND
    ahead = _gap(tokens, amount.end, spans[after].start) if after < len(spans) else WORDS_AROUND
    if amount.counted:
        if min(behind, ahead) >= WORDS_AROUND and before >= 0 and _stands_alone(amount, tokens):
            same = SENTENCE_MARKS.isdisjoint(tokens[spans[before].end : amount.start])
            return before if same else None
        if min(behind, ahead) >= WORDS_AROUND:
            return None
        return after if ahead < behind or (ahead == behind and counts[before]) else before
    if ahead <= WORDS_BEFORE_A_NOUN:
        return after
    closes = amount.end == len(tokens) or tokens[amount.end] in CLAUSE_MARKS
    is_right_behind = amount.spoken and behind == 0 and not closes and tokens[amount.end] in FOR
    closely = closes and behind <= WORDS_BEFORE_A_NOUN * amount.spoken
    return before if closely or is_right_behind else None


def _stands_alone(amount: _Amount, tokens: Sequence[str]) -> bool:
    """Whether a clause says nothing but how many: "стойки передние, 2 шт"."""
    opens = amount.start > 0 and tokens[amount.start - 1] == ","
    return opens and (amount.end == len(tokens) or tokens[amount.end] in CLAUSE_MARKS)


def _gap(tokens: Sequence[str], start: int, end: int) -> int:
    """The number of words between; WORDS_AROUND if there are that many, or a clause ends."""
    between = tokens[start:end]
    if end - start >= WORDS_AROUND or not CLAUSE_MARKS.isdisjoint(between):
        return WORDS_AROUND
    return sum(word not in SIDES for word in between)
