"""Checks of a lexicon that its shape cannot express: phrases must be findable and distinct."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from service.leads.errors import FieldMistake
from service.text.lexicon_phrases import has_a_word
from service.text.phrases import MAX_PHRASE, key_of, words_of
from service.text.tokens import COMMON, FILLERS
from service.text.word_forms import FORMS

REMEMBERED = 16

Listed = tuple[str, str | None, tuple[object, ...], bool]


def check_lexicon(entries: Sequence[Any]) -> Sequence[FieldMistake]:
    """Every mistake of the entries as written. Wrong shapes are left to the shape."""
    return _mistakes(tuple(_listed(number, entry) for number, entry in enumerate(entries)))


def _listed(number: int, written: object) -> Listed:
    """An entry's signal, its form, its phrases, and whether they count only in some sentences."""
    entry: Mapping[str, Any] = written if isinstance(written, dict) else {}
    form, phrases = entry.get("form"), entry.get("phrases")
    return (
        str(entry.get("signal", number)),
        form if isinstance(form, str) and form in FORMS else None,
        tuple(phrase if isinstance(phrase, str) else None for phrase in phrases)
        if isinstance(phrases, list)
        else (),
        bool(entry.get("together") or entry.get("apart")),
    )


@lru_cache(maxsize=REMEMBERED)
def _mistakes(entries: tuple[Listed, ...]) -> tuple[FieldMistake, ...]:
    return tuple(_found(entries))


def _found(entries: Sequence[Listed]) -> Iterator[FieldMistake]:
    signals: set[str] = set()
    owners: dict[object, int] = {}
    names = [signal for signal, _, _, _ in entries]
    for number, (signal, form, listed, is_conditional) in enumerate(entries):
        path = f"lexicon.{number}"
        if signal in signals:
            yield FieldMistake(
                f"{path}.signal", f"`{signal}` occurs twice", "Merge the two entries."
            )
        signals.add(signal)
        for place, phrase in enumerate(listed):
            if isinstance(phrase, str):
                # a conditional entry may have the same words as others
                owner = (
                    number if is_conditional else owners.setdefault(key_of(phrase, form), number)
                )
                mistake = _shape(phrase, is_conditional=is_conditional)
                if mistake is None and owner != number:
                    mistake = _owned(names[owner])
                if mistake is not None:
                    yield FieldMistake(f"{path}.phrases.{place}", *mistake)


def _shape(phrase: str, *, is_conditional: bool) -> tuple[str, str] | None:
    """The fault of a phrase, and its remedy."""
    words = words_of(phrase)
    if not has_a_word(words):
        return "there is no word in it", "Write a word, or remove it."
    if len(words) > MAX_PHRASE:
        return "it is too long", f"Use at most {MAX_PHRASE} words."
    is_common = len(words) == 1 and (words[0] in COMMON or words[0] in FILLERS)
    if is_common and not is_conditional:
        return "it is too common to mean anything", "Add a word that makes the meaning clear."
    return None


def _owned(other: str) -> tuple[str, str]:
    return (
        f"it is the same as a phrase of `{other}`",
        "Keep it in one of the two, or set `together` or `apart` so that only one counts.",
    )
