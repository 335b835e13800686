"""The forms of Russian words, by the dictionary's tables of endings.

Two forms of a word share a key: the lemma, and for verbs also the form (`past`, `infinitive`,
`imperative`, `first`, `second`, `third`). So "will buy" differs from "has bought". A lexicon has
thousands of words, so the tables are read directly, and each row once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from service.text.dictionary import CYRILLIC, NAMES, analyser, stem_of, verb_form

FEWEST_SHARE = 0.2  # of the probability of all readings; rarer readings of a word are dropped
ANY = "any"
FORMS = ("past", "infinitive", "imperative", "first", "second", "third", ANY)
NO_DICTIONARY = "~"


class Tag(NamedTuple):
    """What the dictionary says of a form; `name` is the sort of word with verb forms apart."""

    verb: str | None
    name: str | None
    is_proper: bool
    written: str


@dataclass(frozen=True, slots=True)
class Paradigm:
    """The forms of words that are inflected alike: tag, prefix and suffix of each, without ё."""

    tags: Sequence[Tag]
    prefixes: Sequence[str]
    suffixes: Sequence[str]


# A word as a form of a lemma: the lemma, the verb's form, the stem, the number of the paradigm.
# Plain tuples: there are thousands, and the garbage collector soon leaves these alone.
Reading = tuple[str, str | None, str, int]


def forms_of_word(word: str, form: str | None = None) -> Iterable[str]:
    """Every form that has one of the word's keys; nothing for a word that the dictionary lacks."""
    readings = keyed(word, form)[1]
    forms = {word} if form is None and readings else set()
    for _, verb, stem, paradigm in readings:
        endings = _endings(paradigm, form or verb)
        forms.update([before + stem + behind for before, behind in endings])
    return forms


@lru_cache(maxsize=16_384)
def keyed(word: str, form: str | None = None) -> tuple[str, tuple[Reading, ...]]:
    """The keys of a word as one name, and its readings; `form` replaces the form of a verb.

    The key of a word that the dictionary lacks is its stem, marked with `~`.
    """
    readings = _likely(word) if CYRILLIC.issuperset(word) else ()
    if not readings:
        return f"{NO_DICTIONARY}{stem_of(word)}", ()
    keys = {
        lemma if (name := form or verb) is None else f"{lemma}|{name}"
        for lemma, verb, _, _ in readings
    }
    return "/".join(sorted(keys)), readings


def _likely(word: str) -> tuple[Reading, ...]:
    """The likely readings, one for each lemma and form."""
    found = list(_readings(word))
    readings = [reading for reading, _ in found]
    if len(set(readings)) < 2:
        return tuple(readings[:1])
    return tuple(_likeliest(word, found))


def _readings(word: str) -> Iterator[tuple[Reading, Tag]]:
    dictionary = analyser()
    for _, places in dictionary.dictionary.words.similar_items(word, dictionary.char_substitutes):
        for number, place in places:
            found = _paradigm(number)
            stem = word[len(found.prefixes[place]) : len(word) - len(found.suffixes[place])]
            lemma = found.prefixes[0] + stem + found.suffixes[0]
            tag = found.tags[place]
            yield (lemma, tag.verb, stem, number), tag


def _likeliest(word: str, readings: Sequence[tuple[Reading, Tag]]) -> Iterator[Reading]:
    known = analyser().prob_estimator.p_t_given_w.prob
    scores = [known(word, tag.written) for _, tag in readings]
    if sum(scores) == 0:
        scores = [1 / len(readings)] * len(readings)
    ordered = sorted(zip(scores, readings, strict=True), key=lambda pair: pair[0], reverse=True)
    ordered = [(score, each) for score, each in ordered if not each[1].is_proper] or ordered
    shares: dict[tuple[str, str | None], float] = {}
    first: dict[tuple[str, str | None], Reading] = {}
    for score, (reading, tag) in ordered:
        name = (reading[0], tag.name)
        shares[name] = shares.get(name, 0) + score
        first.setdefault(name, reading)
    fewest = FEWEST_SHARE * sum(shares.values())
    return (first[name] for name, share in shares.items() if share >= fewest)


@lru_cache(maxsize=4_096)
def _paradigm(number: int) -> Paradigm:
    """One of the dictionary's tables."""
    dictionary = analyser().dictionary
    numbers = dictionary.paradigms[number]
    count = len(numbers) // 3
    return Paradigm(
        [_tag(each) for each in numbers[count : 2 * count]],
        [dictionary.paradigm_prefixes[each] for each in numbers[2 * count :]],
        [dictionary.suffixes[each].replace("ё", "е") for each in numbers[:count]],
    )


@lru_cache(maxsize=8_192)
def _tag(number: int) -> Tag:
    tag: Any = analyser().dictionary.gramtab[number]
    verb = verb_form(tag)
    return Tag(verb, verb or tag.POS, bool(NAMES & tag.grammemes), str(tag))


@lru_cache(maxsize=4_096)
def _endings(number: int, form: str | None) -> Sequence[tuple[str, str]]:
    """Prefix and suffix of each form of a paradigm with the verb form `form`."""
    found = _paradigm(number)
    wanted = {
        affixes
        for affixes, tag in zip(
            zip(found.prefixes, found.suffixes, strict=True), found.tags, strict=True
        )
        if form in (ANY, tag.verb)
    }
    return sorted(wanted)
