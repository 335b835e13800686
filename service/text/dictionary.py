"""What a dictionary says of Russian words; stems of words that it lacks."""

from functools import cache, lru_cache
from typing import Any

import pymorphy3  # type: ignore[import-untyped]
import pymorphy3_dicts_ru  # type: ignore[import-untyped]
import Stemmer  # type: ignore[import-not-found]

from service.text.tokens import MAX_WORD

NAMES = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn", "Trad"})
PERSONS = {"1per": "first", "2per": "second", "3per": "third"}
MOODS = {"past": "past", "impr": "imperative"}
VERBAL = frozenset({"VERB", "INFN", "GRND", "PRTF", "PRTS"})
RUSSIAN, ENGLISH = Stemmer.Stemmer("russian", 0), Stemmer.Stemmer("english", 0)
CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")


@cache
def analyser() -> Any:
    """The dictionary, loaded when first asked."""
    # without its path all installed packages are searched for it, which takes as long as loading
    return pymorphy3.MorphAnalyzer(path=pymorphy3_dicts_ru.get_path(), lang="ru")


@lru_cache(maxsize=16_384)
def is_in_dictionary(word: str) -> bool:
    """Whether any form of a word is in the dictionary."""
    return CYRILLIC.issuperset(word) and bool(analyser().word_is_known(word))


def verb_form(tag: Any) -> str | None:
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
    likeliest = analyser().parse(word)[0]
    form = verb_form(likeliest.tag)
    if form is not None and likeliest.tag.number == "plur":
        form = f"{form} plural"
    return likeliest.normal_form.replace("ё", "е"), form


@lru_cache(maxsize=16_384)
def is_noun(word: str) -> bool:
    """Whether a word is a common noun or in no dictionary."""
    if not is_in_dictionary(word):
        return True
    tag = analyser().parse(word)[0].tag
    return tag.POS == "NOUN" and not NAMES & tag.grammemes


@lru_cache(maxsize=8_192)
def _cases(word: str) -> frozenset[str]:
    found = set()
    for parse in analyser().parse(word):
        if parse.tag.POS == "NOUN" and not NAMES & parse.tag.grammemes:
            found.add({"nomn": "nominative", "gent": "genitive"}.get(parse.tag.case, "other"))
    return frozenset(found)
