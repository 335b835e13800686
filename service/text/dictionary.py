"""Forms of Russian words from a dictionary; stems of words that it lacks.

Two forms of a word share a key: the lemma, and for verbs also the form (`past`, `infinitive`,
`imperative`, `first`, `second`, `third`). So "will buy" differs from "has bought".
"""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import pymorphy3  # type: ignore[import-untyped]
import Stemmer  # type: ignore[import-not-found]

from service.text.tokens import MAX_WORD

FEWEST_SHARE = 0.2  # of the probability of all readings; rarer readings of a word are dropped
NAMES = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn", "Trad"})
PERSONS = {"1per": "first", "2per": "second", "3per": "third"}
MOODS = {"past": "past", "impr": "imperative"}
FORMS = ("past", "infinitive", "imperative", "first", "second", "third", "any")
ANY = "any"
VERBAL = frozenset({"VERB", "INFN", "GRND", "PRTF", "PRTS"})
RUSSIAN, ENGLISH = Stemmer.Stemmer("russian", 0), Stemmer.Stemmer("english", 0)
CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")

Forms = Mapping[str, frozenset[str]]


@cache
def _analyser() -> Any:
    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=16_384)
def is_in_dictionary(word: str) -> bool:
    """Whether any form of a word is in the dictionary."""
    return CYRILLIC.issuperset(word) and bool(_analyser().word_is_known(word))


@lru_cache(maxsize=16_384)
def forms_of(word: str, form: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The keys of a word as one name, and every form that has one of them.

    `form` replaces the form of verbs that is written. A word that the dictionary lacks has no
    forms: its key is its stem, marked with `~`.
    """
    if not CYRILLIC.issuperset(word) or not is_in_dictionary(word):
        return f"~{stem_of(word)}", ()
    keys, forms = set(), {word} if form is None else set()
    for lemma, fixed, paradigm, place in _readings(word):
        name = form or _verb_forms(paradigm)[place]
        keys.add(lemma if name is None else f"{lemma}|{name}")
        forms.update(_written(fixed, paradigm, place, name))
    return "/".join(sorted(keys)), tuple(forms)


def _readings(word: str) -> list[tuple[str, str, int, int]]:
    """The likely readings: lemma, the dictionary's word, its paradigm and the place in it."""
    shares: dict[tuple[str, str], float] = {}
    found: dict[tuple[str, str], tuple[str, str, int, int]] = {}
    parses = [parse for parse in _analyser().parse(word) if parse.is_known]
    for parse in [parse for parse in parses if not NAMES & parse.tag.grammemes] or parses:
        _, fixed, paradigm, place = parse.methods_stack[0]
        lemma = parse.normal_form.replace("ё", "е")
        name = (lemma, _verb_form(parse.tag) or parse.tag.POS)
        shares[name] = shares.get(name, 0) + parse.score
        found.setdefault(name, (lemma, fixed, paradigm, place))
    fewest = FEWEST_SHARE * sum(shares.values())
    return [found[name] for name, share in shares.items() if share >= fewest]


def _verb_form(tag: Any) -> str | None:
    """The form of a verb, or None; "быстрее" is kept apart from "быстро"."""
    part = tag.POS
    if part == "COMP":
        return "comparative"
    if part not in VERBAL:
        return None
    if part == "INFN":
        return "infinitive"
    if part != "VERB":
        return str(part).lower()
    marks = tag.grammemes
    found = next((name for mark, name in MOODS.items() if mark in marks), None)
    return found or next((name for mark, name in PERSONS.items() if mark in marks), "past")


@lru_cache(maxsize=4_096)
def _tags(paradigm: int) -> tuple[Any, ...]:
    dictionary = _analyser().dictionary
    numbers = dictionary.paradigms[paradigm]
    count = len(numbers) // 3
    return tuple(dictionary.gramtab[numbers[count + place]] for place in range(count))


@lru_cache(maxsize=4_096)
def _verb_forms(paradigm: int) -> tuple[str | None, ...]:
    return tuple(map(_verb_form, _tags(paradigm)))


@lru_cache(maxsize=4_096)
def _endings(paradigm: int, name: str | None) -> tuple[tuple[str, str], ...]:
    """Prefix and suffix of each form of a paradigm with the verb form `name`."""
    dictionary = _analyser().dictionary
    numbers = dictionary.paradigms[paradigm]
    count = len(numbers) // 3
    wanted = {
        (
            dictionary.paradigm_prefixes[numbers[2 * count + place]],
            dictionary.suffixes[numbers[place]],
        )
        for place, form in enumerate(_verb_forms(paradigm))
        if name in (ANY, form)
    }
    return tuple(sorted(wanted))


def _written(fixed: str, paradigm: int, place: int, name: str | None) -> Iterator[str]:
    dictionary = _analyser().dictionary
    numbers = dictionary.paradigms[paradigm]
    count = len(numbers) // 3
    prefix = dictionary.paradigm_prefixes[numbers[2 * count + place]]
    suffix = dictionary.suffixes[numbers[place]]
    stem = fixed[len(prefix) : len(fixed) - len(suffix)]
    for before, behind in _endings(paradigm, name):
        yield f"{before}{stem}{behind}".replace("ё", "е")


@lru_cache(maxsize=16_384)
def stem_of(word: str) -> str:
    """The stem of a lower-case word that the dictionary lacks; empty for a very long word."""
    if len(word) > MAX_WORD:
        return ""
    if word.isascii():
        return str(ENGLISH.stemWord(word)).replace("-", "")
    return _without_fleeting_vowel(str(RUSSIAN.stemWord(word)))


def _without_fleeting_vowel(stem: str) -> str:
    """The same stem for опорник and опорников, аморты and амортов, ремень and ремни."""
    if len(stem) < 4 or stem[-1] not in "бгкнлц" or stem[-2] not in "оеь":
        return stem
    return stem[:-2] + ("й" if stem[-3] in "аеоу" else "") + stem[-1]


def case_of(word: str) -> frozenset[str]:
    """The cases that a noun's form may have: `nominative`, `genitive`; empty for other words."""
    return _cases(word) if CYRILLIC.issuperset(word) else frozenset()


@lru_cache(maxsize=16_384)
def lemma_of(word: str) -> tuple[str, str | None]:
    """The most likely lemma of a dictionary word, and the form and number of a verb."""
    likeliest = _analyser().parse(word)[0]
    form = _verb_form(likeliest.tag)
    if form is not None and likeliest.tag.number == "plur":
        form = f"{form} plural"
    return likeliest.normal_form.replace("ё", "е"), form


@lru_cache(maxsize=16_384)
def is_noun(word: str) -> bool:
    """Whether a word is a common noun or in no dictionary."""
    if not is_in_dictionary(word):
        return True
    tag = _analyser().parse(word)[0].tag
    return tag.POS == "NOUN" and not NAMES & tag.grammemes


@lru_cache(maxsize=8_192)
def _cases(word: str) -> frozenset[str]:
    found = set()
    for parse in _analyser().parse(word):
        if parse.tag.POS == "NOUN" and not NAMES & parse.tag.grammemes:
            found.add({"nomn": "nominative", "gent": "genitive"}.get(parse.tag.case, "other"))
    return frozenset(found)
