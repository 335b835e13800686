"""Every word of the pages is there in every language, and no template lets markup in."""

import re
from pathlib import Path

import pytest

from service.pages import names
from service.pages.catalogue import FORMS, LANGUAGES, counter, preferred, words_of
from service.pages.operators.shortcuts import SHORTCUTS

PAGES = Path(names.__file__).parent
SAID = re.compile(r"""(?:(?<![\w.])(?:_|say)|language\))\(\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")
COUNTED = re.compile(r'(?<![\w.`])n_\(\s*"((?:[^"\\]|\\.)*)"')
PART = re.compile(r"\{(\w+)\}")


def used() -> set[str]:
    files = [*PAGES.rglob("*.html"), *PAGES.rglob("*.py")]
    texts = [file.read_text("utf-8") for file in files]
    said = {first or second for text in texts for first, second in SAID.findall(text)}
    found = said | {single for text in texts for single in COUNTED.findall(text)}
    named = {name for group in names.NAMES.values() for name in group.values()}
    return found | named | {shortcut.about for shortcut in SHORTCUTS.values()}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_word_is_translated(language: str) -> None:
    assert used() - set(words_of(language)) == set()


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_no_translation_is_left_over(language: str) -> None:
    assert set(words_of(language)) - used() == set()


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_translations_have_the_same_parts(language: str) -> None:
    for english, forms in words_of(language).items():
        assert len(forms) in (1, len(FORMS[language])), english
        for form in forms:
            assert set(PART.findall(form)) == set(PART.findall(english)), english


def test_templates_escape_everything() -> None:
    for file in PAGES.rglob("*.html"):
        text = file.read_text("utf-8")
        assert "|safe" not in text.replace(" ", ""), file.name
        assert "autoescape" not in text, file.name
        assert not re.search(r"\sstyle=|\son\w+=|javascript:", text), file.name


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru", "ru"),
        ("en-GB,ru;q=0.5", "en"),
        ("de,ru;q=0.8,en;q=0.5", "ru"),
        ("", "en"),
        ("de", "en"),
        ("ru;q=x,en;q=0.1", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_language_that_a_browser_prefers(header: str, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 ждёт"), (2, "2 ждут"), (5, "5 ждут"), (21, "21 ждёт")]
)
def test_numbers_take_the_right_form(n: int, said: str) -> None:
    assert counter("ru")("{n} waits", "{n} wait", n) == said
