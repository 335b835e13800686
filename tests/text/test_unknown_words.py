"""Words that no entry knows: nouns and words of no dictionary, not what everybody writes."""

import pytest
from lexicon_builders import LEXICON

from service.text.tokens import tokens_of
from service.text.vocabulary import unknown_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("нужна хреновина на логан, хреновина!", ["хреновина"]),
        ("подскажите пожалуйста цену колодок", []),
        ("здравствуйте, машина встала, перезвоните", []),
        ("фиговинка 12345 abc", ["фиговинка", "abc"]),
        ("", []),
        ("🔥 да ок", []),
    ],
)
def test_words_that_may_be_worth_an_entry(text: str, words: list[str]) -> None:
    assert list(unknown_words(LEXICON, tokens_of(text))) == words
