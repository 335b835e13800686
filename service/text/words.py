"""Words and their stems: what phrases of a lexicon and texts of clients are compared by."""

import re
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found]

LONGEST_WORD = 40

TOKEN = re.compile(
    r"[a-z]++-?[0-9][a-z0-9-]*"  # w-30, dot4
    r"|[a-zа-я]+[0-9]*"
    r"|[0-9]++(?:[a-zа-я]?[.,:/ -]?[0-9]++)*+[a-zа-я]*"  # 4шт, 5w-30, 20 000, 1.6, 10:30
    r"|[,.;:!?+\n₽%$€№#]"
)
UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u2060-\u2064\ufeff]")
LOOK_ALIKES = str.maketrans("aceopxykmtbh", "асеорхукмтвн")


def listed(words: str) -> list[str]:
    """Words that are listed in one string."""
    return words.split()


FILLERS = frozenset(
    listed(
        "а бы же ли ну вот это там тут уже еще очень особо сильно совсем так прям прямо пожалуйста "
        "мне нам мой моя мое мои наш наша наше наши a an the my our please very"
    )
)
RUSSIAN, ENGLISH = Stemmer.Stemmer("russian", 0), Stemmer.Stemmer("english", 0)


def tokens_of(text: str) -> list[str]:
    """The words, numbers and marks of a text in order, without those that mean nothing."""
    composed = text.lower().replace("и\u0306", "й").replace("ё", "е")
    return [token for token in TOKEN.findall(UNSEEN.sub("", composed)) if token not in FILLERS]


def stem_of(token: str) -> str:
    """The stem of a word, a number as it stands, nothing for punctuation and endless words."""
    if len(token) > LONGEST_WORD:
        return ""
    if token[0].isalpha():
        return word_stem(token)
    return token.replace("-", "") if token[0].isdigit() else ""


@lru_cache(maxsize=8192)
def word_stem(word: str) -> str:
    """The stem of a word in lower case."""
    if word.isascii():
        return str(ENGLISH.stemWord(word)).replace("-", "")
    return _without_fleeting_vowel(str(RUSSIAN.stemWord(word.translate(LOOK_ALIKES))))


def _without_fleeting_vowel(stem: str) -> str:
    """One stem for колодок and колодки, стоек and стойки, колец and кольца, ремень and ремни."""
    if len(stem) < 4 or stem[-1] not in "бгкнлц" or stem[-2] not in "оеь":
        return stem
    return stem[:-2] + ("й" if stem[-3] in "аеоу" else "") + stem[-1]
