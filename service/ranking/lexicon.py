"""What a client's words say of urgency, bill, chance, intent and skill (rules A5, A6, A10).

A text becomes words, words become stems, and phrases of the lexicon are looked up in runs of stems,
the leftmost and longest first: a word is used once, so "не срочно" says nothing of "срочно".
Quantities go to the nearest signal of their clause that has a bill.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Generic, TypeVar

import Stemmer  # type: ignore[import-not-found]

from service.leads.lead import Intent

LONGEST_PHRASE = 6
LONGEST_WORD = 40
GRAVEST_FIRST = (Intent.COMPLAINT, Intent.RETURN, Intent.ORDER_QUESTION, Intent.SALE)

TOKEN = re.compile(
    r"[a-z]++-?[0-9][a-z0-9-]*"  # w-30, dot4
    r"|[a-zа-я]+[0-9]*"
    r"|[0-9]++(?:[a-zа-я]?[.,:/ -]?[0-9]++)*+[a-zа-я]*"  # 4шт, 5w-30, 20 000, 1.6, 10:30
    r"|[,.;:!?+\n₽%$€№#]"
)
UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u2060-\u2064\ufeff]")
LOOK_ALIKES = str.maketrans("aceopxykmtbh", "асеорхукмтвн")


def _words(listed: str) -> list[str]:
    return listed.split()


FILLERS = frozenset(
    _words(
        "а бы же ли ну вот это там тут уже еще очень особо сильно совсем так прям прямо пожалуйста "
        "мне нам мой моя мое мои наш наша наше наши a an the my our please very"
    )
)
RUSSIAN, ENGLISH = Stemmer.Stemmer("russian", 0), Stemmer.Stemmer("english", 0)

TWO = "два две двух двое пара пару пары парочку оба обе обоих обеих two"
NUMERALS = {
    **dict.fromkeys(_words("один одна одно одну one"), 1),
    **dict.fromkeys(_words(TWO), 2),
    **dict.fromkeys(_words("три трех трое three"), 3),
    **dict.fromkeys(_words("четыре четырех четверо four"), 4),
    **{"пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "десяток": 10},
    **{"five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
}
PIECES = frozenset(
    _words(
        "шт штук штука штуки штуку штучки комплект комплекта комплектов компл pcs pc piece pieces "
        "set sets х x"
    )
)
ALL_ROUND = frozenset({("в", "круг"), ("на", "круг"), ("по", "кругу")})
WHEELS = 4
BEFORE_TIMES_AND_NUMBERS = frozenset(_words("в к ко до с от через после около № #"))
PLAIN_NUMBER = re.compile(r"([0-9]{1,4})([a-zа-я]*)")
MOST_WITHOUT_A_WORD = 99  # more than that without "шт" is a year, a model or a price
WORDS_AROUND = 6
WORDS_BEFORE_A_NOUN = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One signal of the policy's lexicon; urgencies 0…1, the bill of one piece."""

    signal: str
    phrases: tuple[str, ...]
    rule: str
    urgency: float | None = None
    urgency_at_most: float | None = None
    bill: float | None = None
    intent: Intent | None = None
    chance_factor: float = 1.0
    skill: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A signal that a text gives, and of how many pieces it speaks."""

    entry: Entry
    quantity: int


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Said(Generic[Value]):
    """A value and the entries that decided it."""

    value: Value
    entries: tuple[Entry, ...]

    @property
    def source(self) -> str:
        """The signals that decided, as explanations name them."""
        return ", ".join(entry.signal for entry in self.entries)

    @property
    def rule(self) -> str:
        """The rules of these signals, each once."""
        return ", ".join(dict.fromkeys(entry.rule for entry in self.entries))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says; None where it says nothing. Matches are in the order of the text."""

    matches: tuple[Match, ...]
    urgency: Said[float] | None
    bill: Said[float] | None
    intent: Said[Intent] | None
    chance_factor: Said[float]
    skills: frozenset[str]


SILENT = Reading((), None, None, None, Said(1.0, ()), frozenset())


def stems_of(phrase: str) -> tuple[str, ...]:
    """The stems by which a phrase is found; empty when it has no word that means anything."""
    stems = tuple(stem for stem in map(_stem_of, _tokens(phrase)) if stem)
    return stems if any(not stem.isdigit() for stem in stems) else ()


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Amount:
    start: int
    end: int
    count: int
    counted: bool  # a word says that pieces are counted
    spoken: bool  # "пару", "четыре": no year, model or price is written so


class Lexicon:
    """The signals of a policy, ready to be found; ValueError names what cannot be told apart."""

    __slots__ = ("_lengths", "_most_bill", "_most_quantity", "_phrases")

    def __init__(self, entries: Sequence[Entry], most_quantity: int, most_bill: float) -> None:
        self._most_quantity, self._most_bill = most_quantity, most_bill
        self._phrases = _by_stems(entries)
        self._lengths: dict[str, tuple[int, ...]] = {}
        for stems in sorted(self._phrases, key=len, reverse=True):
            known = self._lengths.get(stems[0], ())
            self._lengths[stems[0]] = known if len(stems) in known else (*known, len(stems))

    def read(self, text: str) -> Reading:
        """What `text` says; takes time in proportion to its length, whatever it holds."""
        tokens = _tokens(text)
        stems = [_stem_of(token) for token in tokens]
        spans = self._spans(stems)
        if not spans:
            return SILENT
        priced = [span for span in spans if span.entry.bill is not None]
        counts = _counts(priced, tokens, stems) if priced else {}
        greatest: dict[str, Match] = {}
        for span in spans:
            known = greatest.get(span.entry.signal)
            count = min(counts.get(span.start, 1), self._most_quantity)
            if known is None or known.quantity < count:
                greatest[span.entry.signal] = Match(span.entry, count)
        return _reading(tuple(greatest.values()), self._most_bill)

    def _spans(self, stems: list[str]) -> list[_Span]:
        spans, at = [], 0
        while at < len(stems):
            span = self._longest_at(stems, at) if stems[at] in self._lengths else None
            if span is not None:
                spans.append(span)
            at = at + 1 if span is None else span.end
        return spans

    def _longest_at(self, stems: list[str], at: int) -> _Span | None:
        for length in self._lengths[stems[at]]:
            entry = self._phrases.get(tuple(stems[at : at + length]))
            if entry is not None:
                return _Span(at, at + length, entry)
        return None


def _by_stems(entries: Sequence[Entry]) -> dict[tuple[str, ...], Entry]:
    if len({entry.signal for entry in entries}) < len(entries):
        raise ValueError("two entries have the same signal")
    phrases: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        for phrase in entry.phrases:
            stems = stems_of(phrase)
            if not 1 <= len(stems) <= LONGEST_PHRASE:
                raise ValueError(f"{entry.signal}: “{phrase}” needs 1 to {LONGEST_PHRASE} words")
            if phrases.setdefault(stems, entry) is not entry:
                raise ValueError(f"{entry.signal}: “{phrase}” also means {phrases[stems].signal}")
    return phrases


def _tokens(text: str) -> list[str]:
    composed = text.lower().replace("и\u0306", "й").replace("ё", "е")
    return [token for token in TOKEN.findall(UNSEEN.sub("", composed)) if token not in FILLERS]


def _stem_of(token: str) -> str:
    """The stem of a word, a number as it stands, nothing for punctuation and endless words."""
    if len(token) > LONGEST_WORD:
        return ""
    if token[0].isalpha():
        return _word_stem(token)
    return token.replace("-", "") if token[0].isdigit() else ""


@lru_cache(maxsize=8192)
def _word_stem(word: str) -> str:
    if word.isascii():
        return str(ENGLISH.stemWord(word)).replace("-", "")
    return _without_fleeting_vowel(str(RUSSIAN.stemWord(word.translate(LOOK_ALIKES))))


def _without_fleeting_vowel(stem: str) -> str:
    """One stem for колодок and колодки, стоек and стойки, колец and кольца, ремень and ремни."""
    if len(stem) < 4 or stem[-1] not in "бгкнлц" or stem[-2] not in "оеь":
        return stem
    return stem[:-2] + ("й" if stem[-3] in "аеоу" else "") + stem[-1]


MEASURES = frozenset(
    _word_stem(word)
    for word in _words(
        "л литр литров мл кг кило г гр грамм мм см м метр метра км год года лет век тыс тысяч т к "
        "р руб рублей млн день дня дней неделя недели недель месяц месяца сутки суток час часа "
        "часов мин минут сек секунд утра вечера ночи раз раза вольт ампер ач квт лс дюймов "
        "цилиндров клапанов человек гостей персон залп залпов выстрел выстрелов калибр поколения "
        "го й января февраля марта апреля мая июня июля августа сентября октября ноября декабря "
        "l liter liters litre ml kg mm cm km year years day days week hour hours min minutes"
    )
) | {"₽", "%", "$", "€"}


def _counts(spans: Sequence[_Span], tokens: Sequence[str], stems: Sequence[str]) -> dict[int, int]:
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
    if count > MOST_WITHOUT_A_WORD or (at and tokens[at - 1] in BEFORE_TIMES_AND_NUMBERS):
        return None
    return _Amount(at, at + 1, count, False, glued is None)


def _nearest(
    amount: _Amount, spans: Sequence[_Span], after: int, counts: list[int], stems: Sequence[str]
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


def _reading(matches: tuple[Match, ...], most_bill: float) -> Reading:
    entries = [match.entry for match in matches]
    return Reading(
        matches=matches,
        urgency=_urgency(entries),
        bill=_bill(matches, most_bill),
        intent=_intent(entries),
        chance_factor=_chance_factor(entries),
        skills=frozenset(entry.skill for entry in entries if entry.skill is not None),
    )


def _urgency(entries: Sequence[Entry]) -> Said[float] | None:
    said = [(one.urgency, one) for one in entries if one.urgency is not None]
    if not said:
        return None
    greatest = max(urgency for urgency, _ in said)
    caps = [(one.urgency_at_most, one) for one in entries if one.urgency_at_most is not None]
    if not caps or (cap := min(limit for limit, _ in caps)) >= greatest:
        return Said(greatest, tuple(entry for urgency, entry in said if urgency == greatest))
    return Said(cap, tuple(entry for limit, entry in caps if limit == cap))


def _bill(matches: Sequence[Match], most_bill: float) -> Said[float] | None:
    billed = [(one.entry.bill * one.quantity, one) for one in matches if one.entry.bill is not None]
    if not billed:
        return None
    total = sum(bill for bill, _ in billed)
    return Said(min(total, most_bill), tuple(match.entry for _, match in billed))


def _intent(entries: Sequence[Entry]) -> Said[Intent] | None:
    said = {entry.intent for entry in entries}
    for intent in GRAVEST_FIRST:
        if intent in said:
            return Said(intent, tuple(entry for entry in entries if entry.intent is intent))
    return None


def _chance_factor(entries: Sequence[Entry]) -> Said[float]:
    deciding = tuple(entry for entry in entries if entry.chance_factor != 1)
    return Said(prod((entry.chance_factor for entry in deciding), start=1.0), deciding)
