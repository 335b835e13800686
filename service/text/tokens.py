"""A text as tokens: lower-case words, numbers, and the marks that separate clauses."""

import re
from collections.abc import Iterator, Sequence

MAX_WORD = 40

LETTERS = "a-zа-яіїєґўқғңөұүһә"
TOKEN = re.compile(
    rf"[a-z]++-?[0-9][a-z0-9-]*"  # w-30, dot4
    rf"|[{LETTERS}]+[0-9]*"
    rf"|[0-9]++(?:[{LETTERS}]?[.,:/-]?[0-9]++|[ \u00a0\u202f][0-9]{{3}}(?![0-9]))*+[{LETTERS}]*"
    r"|[,.;:!?+\n₽%$€№#°]"
)
UNSEEN = re.compile(
    "[\u00ad\u0300-\u0305\u0307\u0309-\u036f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
# what `normal` changes beside capitals, б/у apart
UNUSUAL = re.compile("[ё’ʼ\u00ad\u0300-\u036f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
MIXED = re.compile("[a-z](?:(?=[а-я])|(?<=[а-я][a-z]))")
CYRILLIC = re.compile("[а-я]")
LOOK_ALIKES = str.maketrans("aceopxykmtbhi", "асеорхукмтвні")
SECOND_HAND = re.compile(r"б(?<![а-я]б)\s?[/.\\]\s?у(?![а-я])")
COMPOSED = {
    "и\u0306": "й",
    "е\u0308": "е",
    "ё": "е",
    "і\u0308": "ї",
    "у\u0306": "ў",
    "’": "",
    "ʼ": "",
}

LINE_END = "\n"
CLAUSE_MARKS = frozenset(",.;:!?\n")
SENTENCE_MARKS = frozenset(".!?\n")


def listed(words: str) -> list[str]:
    """The words of a string, as a list."""
    return words.split()


# Words without meaning between the words of a phrase.
FILLERS = frozenset(
    listed(
        "а бы же ли ну вот это там тут уже еще очень особо сильно совсем так уж прям прямо "
        "просто пожалуйста плиз пож мне нам мой моя мое мои моего моей моих наш наша наше наши у "
        "нас вас меня тебя вам вы я мы он она они как то себе сам сама давно недавно сразу тоже "
        "вообще только пока a an the my our please very"
    )
)


# Words that alone show no need.
COMMON = frozenset(
    listed(
        "и в во на с со к по из за до от для о об про не ни нет да есть быть будет было или но "
        "что это сейчас теперь надо нужно нужен нужна нужны хочу можно здравствуйте привет "
        "спасибо день добрый подскажите скажите как где когда сколько какой какая какие кто все "
        "всё весь машина авто the of for to in on is are it and or with need want hello"
    )
)


def normal(text: str) -> str:
    """The text in lower case, composed, without invisible characters."""
    lowered = text.lower()
    if UNUSUAL.search(lowered) is not None:
        for written, meant in COMPOSED.items():
            lowered = lowered.replace(written, meant)
        lowered = UNSEEN.sub("", lowered)
    return SECOND_HAND.sub("бу", lowered)


def tokens_of(text: str) -> list[str]:
    """The words, numbers and marks of a text in order, without Latin letters in Russian words."""
    return split(normal(text))


def split(text: str) -> list[str]:
    """The tokens of a text that is already `normal`."""
    found: list[str] = TOKEN.findall(text)
    if MIXED.search(text) is None:
        return found
    return [
        token if token.isascii() or not CYRILLIC.search(token) else token.translate(LOOK_ALIKES)
        for token in found
    ]


def is_word(token: str) -> bool:
    """Whether a token is a word of plausible length."""
    return token[0].isalpha() and len(token) <= MAX_WORD


def lines_of(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """The tokens of each line, empty ones included."""
    start = 0
    for at, written in enumerate(tokens):
        if written == LINE_END:
            yield tokens[start:at]
            start = at + 1
    yield tokens[start:]


def last_line(tokens: Sequence[str]) -> Sequence[str]:
    """The tokens of the last line that has any."""
    return next(line for line in reversed(list(lines_of(tokens))) if line)
