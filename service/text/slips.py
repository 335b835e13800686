"""Finds the word that was meant by an unknown one: a slip, the other keyboard, Latin letters.

A dictionary word is never changed. Slips are sought by sound (unstressed vowels, voiced and
unvoiced consonants, double letters), then by one changed letter.
"""

import re
from collections.abc import Callable, Iterable, Iterator

FEWEST_LETTERS = 5
MAX_TRIES = 8  # how many unknown words of a text are tried
ALPHABET = "абвгдежзийклмнопрстуфхцчшщъыьэюя"

LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`{}:\"<>~"
RUSSIAN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюехъжэбюе"
OTHER_KEYBOARD = str.maketrans(LATIN_KEYS, RUSSIAN_KEYS)
TYPED = re.compile(r"[a-z\[\];',.`{}:\"<>~]+")
EDGES = ",.:;\"'<>"

DOUBLED = re.compile(r"(.)\1+")
SOUNDS = (
    *(("щ", "ш"), ("тс", "ц"), ("я", "а"), ("ы", "и"), ("ч", "ш"), ("сц", "ц")),
    *zip("оеэдзбгвжюёй", "аиитспкфшуии", strict=True),
    *(("ь", ""), ("ъ", "")),
)

LATIN_PAIRS = (
    *(("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ch", "ч"), ("sh", "ш"), ("ts", "ц")),
    *(("yu", "ю"), ("ju", "ю"), ("ya", "я"), ("ja", "я"), ("yo", "е"), ("jo", "е"), ("iy", "ий")),
    *(
        ("yi", "ый"),
        ("ye", "е"),
        ("je", "е"),
        ("ey", "ей"),
        ("ay", "ай"),
        ("oy", "ой"),
        ("uy", "уй"),
    ),
)
LATIN_LETTERS = str.maketrans("abvgdezijklmnoprstufhcyxwq4", "абвгдезийклмнопрстуфхцыхвкч")
APOSTROPHE = re.compile("['`]")


def sound_of(word: str) -> str:
    """The rough sound of a word. Words that are often confused have the same sound."""
    for written, sound in SOUNDS:
        word = word.replace(written, sound)
    return DOUBLED.sub(r"\1", word)


def in_russian_letters(word: str) -> str:
    """A Russian word in Latin letters, written in Russian letters."""
    word = APOSTROPHE.sub("ь", word)
    for latin, russian in LATIN_PAIRS:
        if latin in word:
            word = word.replace(latin, russian)
    return word.translate(LATIN_LETTERS)


def by_other_keyboard(text: str) -> str:
    """The text that the same keys write in the Russian layout."""
    return text.translate(OTHER_KEYBOARD)


class Slips:
    """The words of a lexicon, found by their misspellings."""

    __slots__ = ("_sounds", "_words")

    def __init__(self, words: Iterable[str]) -> None:
        self._words = {word for word in words if len(word) >= FEWEST_LETTERS and word.isalpha()}
        self._sounds: dict[str, str] = {}
        # in one go: a lexicon has tens of thousands of forms, and no rule reaches over a line's end
        for sound, word in zip(
            sound_of("\n".join(self._words)).split("\n"), self._words, strict=False
        ):
            if word < self._sounds.setdefault(sound, word):  # of equal ones the first word
                self._sounds[sound] = word

    def meant(self, written: str) -> str | None:
        """The lexicon's word that was meant; None when none is near."""
        if len(written) < FEWEST_LETTERS:
            return None
        is_latin = written.isascii()
        if is_latin:
            written = in_russian_letters(written)
            if written in self._words:
                return written
        sound = sound_of(written)
        if (found := self._sounds.get(sound)) is not None:
            return found
        if (found := _first(changed(written), self._words.__contains__)) is not None:
            return found
        if is_latin or len(sound) <= FEWEST_LETTERS:  # `gadget` sounds like `катке`, nearly
            return None
        near = _first(changed(sound), self._sounds.__contains__)
        return None if near is None else self._sounds[near]


def changed(word: str) -> Iterator[str]:
    """Each word that differs by one letter: missing, added, replaced, or two letters swapped."""
    for at in range(len(word)):
        head, tail = word[:at], word[at + 1 :]
        yield head + tail
        if tail:
            yield head + tail[0] + word[at] + tail[1:]
        for letter in ALPHABET:
            yield head + letter + tail
            yield head + letter + word[at:]
    for letter in ALPHABET:
        yield word + letter


def _first(candidates: Iterable[str], holds: Callable[[str], bool]) -> str | None:
    return next(filter(holds, candidates), None)
