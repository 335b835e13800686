"""The words of the pages: English in the templates, other languages in `words/`."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from babel import Locale
from babel.messages.pofile import read_po

LANGUAGES: Mapping[str, str] = {"ru": "Русский", "en": "English"}
# The order of a catalogue's plural forms, by the names that CLDR gives them.
FORMS: Mapping[str, tuple[str, ...]] = {"ru": ("one", "few", "many"), "en": ("one", "other")}

Words = Mapping[str, tuple[str, ...]]


@lru_cache
def words_of(language: str) -> Words:
    """The translations by their English text, several for a plural; empty for English."""
    place = files("service.pages").joinpath("words", f"{language}.po")
    if language == "en" or not place.is_file():
        return {}
    catalogue = read_po(BytesIO(place.read_bytes()))
    return {
        message.id[0] if isinstance(message.id, tuple) else str(message.id): (
            (message.string,) if isinstance(message.string, str) else tuple(message.string)
        )
        for message in catalogue
        if message.id and message.string
    }


def translator(language: str) -> Callable[..., str]:
    """A function that translates an English text and fills in its parts."""
    words = words_of(language)

    def translated(text: str, **parts: object) -> str:
        found = words.get(text, (text,))[0] or text
        return found.format(**parts) if parts else found

    return translated


def counter(language: str) -> Callable[..., str]:
    """A function that counts things in the language: `n("{n} lead", "{n} leads", 5)`."""
    words, plural = words_of(language), Locale(language).plural_form

    def counted(single: str, several: str, n: int, **parts: object) -> str:
        forms = words.get(single, (single, several))
        number = FORMS[language].index(plural(n))
        return forms[min(number, len(forms) - 1)].format(n=n, **parts)

    return counted


def preferred(header: str) -> str:
    """The best available language of an `Accept-Language` header, else English."""
    ranked = []
    for number, part in enumerate(header[:200].split(",")):
        name, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        ranked.append((-weight, number, name.partition("-")[0].strip().lower()))
    return next((name for _, _, name in sorted(ranked) if name in LANGUAGES), "en")
