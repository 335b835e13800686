"""Every written rule has a title in each language."""

import re
from pathlib import Path

import pytest

import service
from service.explaining.rule_titles import TITLES, rule_title
from service.explaining.sentences import LANGUAGES

IDS = [f"A{number}" for number in range(1, 32)] + [f"B{number}" for number in range(1, 21)]
MAX_TITLE = 90


def test_there_is_a_title_for_each_rule_and_for_nothing_else() -> None:
    assert list(TITLES) == IDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_title_is_one_short_sentence(language: str) -> None:
    titles = [of[language] for of in TITLES.values()]  # type: ignore[index]
    assert len(set(titles)) == len(IDS)
    for title in titles:
        assert len(title) <= MAX_TITLE
        assert title[0].isupper()
        assert title.endswith(".")
        assert (re.search("[а-яё]", title) is not None) == (language == "ru")


def test_a_rule_of_the_shop_has_no_title() -> None:
    assert rule_title("C7", "en") is None


def test_each_rule_that_code_and_policies_cite_has_a_title() -> None:
    folder = Path(service.__file__).parent
    texts = [
        path.read_text("utf-8") for kind in ("py", "yaml") for path in folder.rglob(f"*.{kind}")
    ]
    cited = {rule for text in texts for rule in re.findall(r"\brule[=:] ?\"?([AB]\d+)\b", text)}
    assert len(cited) > 5
    assert cited <= set(TITLES)


def test_the_page_of_the_rules_lists_the_same_rules() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    assert set(re.findall(r"^\| ([AB]\d+) \|", page, re.MULTILINE)) == set(TITLES)
