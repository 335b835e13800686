"""Finds the signals of a policy in clients' texts (rules A5, A6, A10).

Phrases are compared by forms of words. Signals that are negated, only supposed, or name where a
part goes do not count. An unknown word is tried as a slip, by the other keyboard, and as Latin
letters. Reading takes linear time for any text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import compress
from typing import cast

from service.leads.lead import Intent
from service.text.car_names import CAR_NAMES
from service.text.company import Company
from service.text.decided import Bounds
from service.text.deciding import LOST, decide, is_goods
from service.text.dictionary import is_in_dictionary
from service.text.entries import SILENT, Entry, Seen, TextReading
from service.text.heads import complements, descriptions
from service.text.lexicon_phrases import phrases_of
from service.text.phrase_tree import FoundPhrase
from service.text.quantities import Stretch, count_pieces
from service.text.scope import WANTED, SignalPlace, SignalSort, negated, supposed
from service.text.slips import EDGES, MAX_TRIES, TYPED, Slips, by_other_keyboard
from service.text.tokens import LINE_END, is_word, normal, split
from service.text.votes import Electorate, Votes
from service.text.voting import hints_of, settled_lines, vote_on

MAX_TYPED = 40
REMEMBERED = 16_384  # words
REMEMBERED_NAMES, LONGEST_REMEMBERED = (
    4_096,
    200,
)  # names of articles: shops sell the same ones again
LATIN = re.compile("[a-z]")
SPACES = re.compile(r"(\s+)")

Ids = list[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Article:
    """An article that is asked for by name, and its number of pieces."""

    name: str
    quantity: int


class Lexicon:
    """The signals of a policy, ready for reading; ValueError names indistinguishable phrases."""

    __slots__ = (
        "_bounds",
        "_company",
        "_digest",
        "_entries",
        "_in_name",
        "_mended",
        "_numbers",
        "_phrases",
        "_resolved",
        "_slips",
        "_sorts",
        "_votes",
    )

    def __init__(
        self,
        entries: Sequence[Entry],
        max_quantity: int,
        max_bill: float,
        votes: Votes | None = None,
    ) -> None:
        self._votes = votes
        self._bounds = Bounds(max_quantity, max_bill)
        self._entries = tuple(entries)
        self._numbers = {id(entry): number for number, entry in enumerate(self._entries)}
        self._digest: bytes | None = None
        self._sorts = tuple(_sort_of(entry) for entry in entries)
        self._phrases = phrases_of(entries)
        self._company = Company(
            self._identities({n: entry.together for n, entry in enumerate(entries)}),
            self._identities({n: entry.apart for n, entry in enumerate(entries)}),
        )
        self._slips = Slips({*self._phrases.forms, *CAR_NAMES})
        self._in_name = lru_cache(REMEMBERED_NAMES)(self._read_name)
        self._resolved = lru_cache(REMEMBERED)(self._resolve)
        self._mended = lru_cache(REMEMBERED)(self._slips.meant)

    def read(self, text: str, articles: Sequence[Article] = ()) -> TextReading:
        """The reading of `text` and of the names of `articles`. Of a name, only goods count."""
        corrections: dict[str, str] = {}
        named = [seen for article in articles for seen in self._named(article, corrections)]
        tokens, found = self._found(text, corrections)
        seen = [*named, *self._seen(tokens, found)]
        decided = partial(
            decide,
            seen,
            self._wanted(tokens, found),
            self._bounds,
            corrections,
            tokens=tuple(tokens),
            settled=settled_lines(self._votes, tokens, seen) if self._votes else frozenset(),
        )
        reading = decided() if seen else replace(SILENT, tokens=tuple(tokens))
        if articles or self._votes is None or not tokens:
            return reading
        vote = vote_on(self._votes, tokens, self._places_of_goods(found), seen, reading)
        return reading if vote is None else decided(vote=vote)

    def electorate(self, text: str) -> Electorate:
        """What votes in a text, whether or not signals give its intent."""
        tokens, found = self._found(text, {})
        return Electorate(tokens, self._places_of_goods(found), hints_of(self._seen(tokens, found)))

    def reads_as(self, other: "Lexicon") -> bool:
        """Whether another lexicon reads every text in the same way."""
        return (self._entries, self._bounds, self._votes) == (
            other._entries,
            other._bounds,
            other._votes,
        )

    def digest(self) -> bytes:
        """The same for lexicons that read every text in the same way."""
        if self._digest is None:
            votes = None if self._votes is None else self._votes.parts
            parts = repr((self._entries, self._bounds, votes))
            self._digest = blake2b(parts.encode(), digest_size=9).digest()
        return self._digest

    def _places_of_goods(self, found: Sequence[FoundPhrase]) -> frozenset[int]:
        return frozenset(
            place
            for part in found
            if is_goods(self._entries[part.owner])
            for place in range(part.start, part.end)
        )

    def _found(self, text: str, corrections: dict[str, str]) -> tuple[list[str], list[FoundPhrase]]:
        tokens = split(self._retyped(text, corrections))
        tokens, ids = self._identified(tokens, corrections)
        return tokens, self._phrases.find(tokens, ids, self._company.in_text(tokens, ids))

    def _identities(self, listed: Mapping[int, tuple[str, ...]]) -> dict[int, frozenset[int]]:
        identities = self._phrases.identities_of
        return {number: identities(words) for number, words in listed.items() if words}

    def _named(self, article: Article, corrections: dict[str, str]) -> Iterator[Seen]:
        is_short = len(article.name) <= LONGEST_REMEMBERED
        goods, corrected = (self._in_name if is_short else self._read_name)(article.name)
        corrections.update(corrected)
        for entry, pieces in goods:
            quantity = min(pieces * article.quantity, self._bounds.quantity)
            yield Seen(entry, quantity, -1, -1)

    def _read_name(
        self, name: str
    ) -> tuple[tuple[tuple[Entry, int], ...], tuple[tuple[str, str], ...]]:
        """The goods in an article's name, and the corrections in it."""
        corrections: dict[str, str] = {}
        tokens, found = self._found(name, corrections)
        goods = [
            (seen.entry, seen.quantity)
            for seen in self._seen(tokens, found)
            if is_goods(seen.entry) and not seen.opposite
        ]
        return tuple(goods), tuple(corrections.items())

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every signal, in the order of the policy."""
        return self._entries

    def number_of(self, entry: Entry) -> int:
        """The place of a signal among the entries; it is one of them itself, not an equal one."""
        return self._numbers[id(entry)]

    @property
    def bounds(self) -> Bounds:
        """The policy's greatest number of pieces and greatest bill."""
        return self._bounds

    @property
    def votes(self) -> Votes | None:
        """The votes on intents, if the policy allows them."""
        return self._votes

    def knows(self, word: str) -> bool:
        """Whether a word, as written in a text, belongs to any phrase."""
        return bool(self._phrases.identities(word))

    def _seen(self, tokens: list[str], found: Sequence[FoundPhrase]) -> list[Seen]:
        places = [SignalPlace(part.start, part.end, self._sorts[part.owner]) for part in found]
        off, idle = negated(tokens, places), supposed(tokens, places)
        goods = [
            (part, self._entries[part.owner])
            for number, part in enumerate(found)
            if number not in off and is_goods(self._entries[part.owner])
        ]
        where = complements(tokens, goods) | descriptions(tokens, goods)
        counts = self._counts([part for part, _ in goods if part.start not in where], tokens)
        line, at, seen = 0, 0, []
        for number, part in enumerate(found):
            line, at = line + tokens[at : part.start].count(LINE_END), part.start
            if number in idle or part.start in where:
                continue
            entry = self._entries[part.owner]
            seen.append(Seen(entry, counts.get(part.start, 1), part.start, line, number in off))
        return seen

    def _counts(self, goods: Sequence[FoundPhrase], tokens: list[str]) -> dict[int, int]:
        """The number of pieces by the start of each thing; bare numbers only where plausible."""
        if not goods:
            return {}
        bounds = [self._entries[part.owner].max_pieces for part in goods]
        counts = count_pieces([Stretch(part.start, part.end) for part in goods], tokens, bounds)
        return {start: min(count, self._bounds.quantity) for start, count in counts.items()}

    def _wanted(self, tokens: Sequence[str], found: Sequence[FoundPhrase]) -> list[tuple[int, int]]:
        """The place and line of words such as "нужен", except in adverts ("хотим сотрудничать")."""
        if WANTED.isdisjoint(tokens):
            return []
        adverts = {
            at
            for part in found
            if self._entries[part.owner].intent is Intent.OTHER
            for at in range(part.start, part.end)
        }
        wanted, line, before = [], 0, 0
        for at in compress(range(len(tokens)), map(WANTED.__contains__, tokens)):
            if at not in adverts:
                line, before = line + tokens[before:at].count(LINE_END), at
                wanted.append((at, line))
        return wanted

    def _retyped(self, text: str, corrections: dict[str, str]) -> str:
        """The text with words corrected that were typed in the other keyboard layout."""
        lowered = normal(text)
        if LATIN.search(lowered) is None:
            return lowered
        parts, tries = SPACES.split(lowered), 0
        for place, part in enumerate(parts):
            if tries < MAX_TYPED and TYPED.fullmatch(part) and LATIN.search(part):
                tries += 1
                if (meant := self._typed(part)) is not None:
                    corrections[part] = parts[place] = meant
        return "".join(parts)

    def _typed(self, part: str) -> str | None:
        bare = part.strip(EDGES)
        if self._phrases.identities(bare) or bare in CAR_NAMES:
            return None
        for written in dict.fromkeys((part, part.rstrip(EDGES), bare)):
            meant = by_other_keyboard(written)
            if (
                meant.isalpha()
                and len(meant) > 1
                and (meant in self._phrases or is_in_dictionary(meant))
            ):
                return meant
        return None

    def _identified(self, tokens: list[str], corrections: dict[str, str]) -> tuple[list[str], Ids]:
        """The tokens with unknown words corrected where possible, and the identities of each."""
        found = list(map(self._resolved, tokens))
        if None in found:
            return tokens, list(self._mend(tokens, found, corrections))
        return tokens, cast(Ids, found)

    def _mend(
        self,
        tokens: list[str],
        found: Sequence[tuple[int, ...] | None],
        corrections: dict[str, str],
    ) -> Iterator[tuple[int, ...]]:
        unknown: set[str] = set()
        for place, ids in enumerate(found):
            if ids is not None:
                yield ids
                continue
            token, meant = tokens[place], None
            if token in unknown or len(unknown) < MAX_TRIES:
                unknown.add(token)
                meant = self._mended(token)
            if meant is not None:
                corrections[token] = tokens[place] = meant
            yield () if meant is None else self._phrases.identities(meant)

    def _resolve(self, token: str) -> tuple[int, ...] | None:
        """The identities of a word; None if it may be a slip, because no dictionary has it."""
        found = self._phrases.identities(token)
        if found or not (token.isalpha() and is_word(token)):
            return found
        return found if token in CAR_NAMES or is_in_dictionary(token) else None


def _sort_of(entry: Entry) -> SignalSort:
    if entry.intent is Intent.COMPLAINT:
        return SignalSort.COMPLAINT
    if entry.intent is Intent.RETURN:
        return SignalSort.AFTER_SALE
    if entry.intent is Intent.ORDER_QUESTION:
        return SignalSort.ORDER
    if entry.chance_factor <= LOST:
        return SignalSort.LEAVING
    return SignalSort.GOODS if is_goods(entry) else SignalSort.STATE
