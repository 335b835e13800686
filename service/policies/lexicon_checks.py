"""What no shape can say of a lexicon: its phrases must be found, and told from each other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.leads.errors import FieldMistake
from service.text.dictionary import FORMS
from service.text.lexicon import has_a_word
from service.text.phrases import MAX_PHRASE, Phrases, words_of
from service.text.tokens import COMMON, FILLERS


def check_lexicon(entries: Sequence[Any]) -> Iterator[FieldMistake]:
    """Every mistake of entries as they were written; a wrong shape is left to the shape."""
    signals: list[str] = []
    phrases = Phrases()
    for number, written in enumerate(entries):
        entry: Mapping[str, Any] = written if isinstance(written, dict) else {}
        path, signal = f"lexicon.{number}", str(entry.get("signal", number))
        if signal in signals:
            yield FieldMistake(f"{path}.signal", f"`{signal}` stands there twice", "Join the two.")
        signals.append(signal)
        listed = entry.get("phrases")
        for place, phrase in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(phrase, str):
                mistake = _mistake(phrase, entry.get("form"), number, signals, phrases)
                if mistake is not None:
                    yield FieldMistake(f"{path}.phrases.{place}", *mistake)


def _mistake(
    phrase: str, form: object, number: int, signals: Sequence[str], phrases: Phrases
) -> tuple[str, str] | None:
    """What is wrong with a phrase and the remedy; a good one is remembered."""
    words = words_of(phrase)
    if not has_a_word(phrase):
        return "there is no word in it", "Write a word, or take it out."
    if len(words) > MAX_PHRASE:
        return "it is too long to be found", f"Use at most {MAX_PHRASE} words."
    if len(words) == 1 and (words[0] in COMMON or words[0] in FILLERS):
        return "everybody writes it, whatever they mean", "Add a word that tells what is meant."
    asked = form if isinstance(form, str) and form in FORMS else None
    owner = phrases.owner_of(phrase, asked)
    if owner is not None and signals[owner] != signals[number]:
        return f"it is the same as a phrase of `{signals[owner]}`", "Keep it in one of the two."
    phrases.add(phrase, number, asked)
    return None
