"""The words of the house: identifiers are the field's terms, and a class name stands for one thing.

The glossary (docs/glossary.md) has the words that are used instead.
"""

import ast
import io
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import service

HOUSE = Path(service.__file__).parent
MODULES = sorted(path for path in HOUSE.rglob("*.py") if "simulation" not in path.parts)
PRIVATE_WORDS = {"said", "told", "heard", "anew", "tell", "hear"}
PRIVATE_PREFIXES = ("MOST_", "look_at_")


def names_in(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], token.string


def loop_variables(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            for name in ast.walk(node.target):
                if isinstance(name, ast.Name):
                    yield name.lineno, name.id


def private_words(source: str) -> list[str]:
    """Each identifier of a private language, with its line."""
    found = [
        f"{line}: {name}"
        for line, name in names_in(source)
        if name in PRIVATE_WORDS or name.startswith(PRIVATE_PREFIXES)
    ]
    return found + [
        f"{line}: the loop variable `one`"
        for line, name in loop_variables(ast.parse(source))
        if name == "one"
    ]


def test_identifiers_are_the_fields_terms() -> None:
    found = {
        str(path.relative_to(HOUSE)): private_words(path.read_text("utf-8")) for path in MODULES
    }
    assert {path: words for path, words in found.items() if words} == {}


def test_a_class_name_stands_for_one_thing() -> None:
    places = defaultdict(list)
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(module.relative_to(HOUSE)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


@pytest.mark.parametrize(
    "source", ["said = 1", "MOST_LEADS = 1", "def look_at_line(): ...", "[one for one in ()]"]
)
def test_a_private_word_is_found(source: str) -> None:
    assert private_words(source)


def test_people_are_they() -> None:
    texts = (*HOUSE.rglob("*.yaml"), *HOUSE.rglob("*.html"), HOUSE.parent / "openapi.yaml")
    found = {
        str(page.relative_to(HOUSE.parent)): words
        for page in (*MODULES, *texts)
        if (words := re.findall(r".*\b(?:he|him|his|himself)\b.*", page.read_text("utf-8")))
    }
    assert found == {}


def test_each_file_of_tests_has_a_name_of_its_own() -> None:
    """Pytest collects only the first of two files with one name, and says so when both are run."""
    counted = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in counted.items() if count > 1] == []
