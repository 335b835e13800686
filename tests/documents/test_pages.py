"""The documents hold to their form: links, lengths, words, and what must be listed completely."""

import re
from pathlib import Path

import click
import pytest
from document_pages import FENCE, ROOT, pages

from service.cli import main
from service.settings import PREFIX, Settings

PAGES = pages()
CONNECTING = sorted((ROOT / "service" / "adapters" / "connecting").glob("*.md"))
# Words that a reader of the field would have to translate; people are "they".
FORBIDDEN = re.compile(
    r"\b(said|told|heard|kept|known|anew|afresh|foretold|he|him|his|himself|of equals)\b",
    re.IGNORECASE,
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:[a-z_]+/)+(?:[\w-]+\.(?:py|yaml|lua|sh|toml))?)`")
BASES = (ROOT, ROOT / "service")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
DECISION = ("Context", "Decision", "Price")
MAX_LINE = 120
MAX_README_LINES, MAX_README_BYTES = 200, 12 * 1024


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> list[str]:
    """The links of a text to files or headings that are not there."""
    broken = []
    for link in LINK.findall(FENCE.sub("", text)):
        path, _, anchor = link.partition("#")
        if re.match(r"\w+:", link):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


def forbidden_words(text: str) -> list[str]:
    """The forbidden words of a text, code apart."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    return [word.lower() for word in FORBIDDEN.findall(prose)]


@pytest.mark.parametrize("page", PAGES + CONNECTING, ids=name_of)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert broken_links(page, page.read_text("utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_lines_of_a_page_are_short_tables_and_code_apart(page: Path) -> None:
    lines = FENCE.sub("", page.read_text("utf-8")).splitlines()
    too_long = [line for line in lines if len(line) > MAX_LINE and not line.startswith("|")]
    assert too_long == []


@pytest.mark.parametrize("page", PAGES + CONNECTING, ids=name_of)
def test_a_page_uses_the_words_of_the_field(page: Path) -> None:
    assert forbidden_words(page.read_text("utf-8")) == []


def test_the_readme_can_be_read_in_fifteen_minutes() -> None:
    readme = (ROOT / "README.md").read_bytes()
    assert len(readme.splitlines()) <= MAX_README_LINES
    assert len(readme) <= MAX_README_BYTES


def test_every_page_is_reached_from_the_readme() -> None:
    reached, to_read = set(), [ROOT / "README.md"]
    while to_read:
        page = to_read.pop()
        links = LINK.findall(FENCE.sub("", page.read_text("utf-8")))
        found = {(page.parent / link.partition("#")[0]).resolve() for link in links}
        new = {file for file in found if file.suffix == ".md" and file.exists()} - reached
        reached |= new
        to_read += sorted(new)
    assert set(PAGES) - reached - {ROOT / "README.md"} == set()


def test_every_setting_stands_on_the_page_of_the_configuration_with_its_default() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    rows = dict(re.findall(rf"^\| `({PREFIX}\w+)` \| ([^|]*?) \|", page, re.MULTILINE))
    settings = {f"{PREFIX}{name.upper()}": field for name, field in Settings.model_fields.items()}
    assert set(rows) == set(settings)
    for name, field in settings.items():
        default = field.default
        if isinstance(default, bool | int | float | str | Path) and default != "":
            shown = str(default).lower() if isinstance(default, bool) else f"{default}"
            assert f"`{shown.removesuffix('.0')}`" in rows[name], f"{name}: {shown}"


def test_every_command_stands_on_the_page_of_who_runs_the_service() -> None:
    rows = (ROOT / "docs" / "deploy.md").read_text("utf-8").splitlines()
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        named = [row for row in rows if row.startswith(f"| `nextlead {name}")]
        named += [row for row in rows if f", `nextlead {name}`" in row]
        assert named, name
        for below in getattr(command, "commands", ()):
            assert re.search(rf"\b{below}\b", named[0]), f"{name} {below}"


def test_every_floor_and_room_stands_in_the_tables_for_contributors() -> None:
    tables = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for folder in (ROOT / "service", ROOT / "service" / "flows"):
        names = {path.stem for path in folder.iterdir() if path.suffix in ("", ".py")}
        named = {name for name in names if re.search(rf"^\|.*`{name}`.*\|", tables, re.MULTILINE)}
        assert {name for name in names if not name.startswith("_")} - named == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = FILE.findall(page.read_text("utf-8"))
    assert [name for name in named if not any((base / name).exists() for base in BASES)] == []


def test_a_file_that_is_not_there_is_found() -> None:
    assert len(FILE.findall((ROOT / "docs" / "rules.md").read_text("utf-8"))) > 30
    assert FILE.findall("`flows/nowhere.py`, `ranking/`, `a/b`") == ["flows/nowhere.py", "ranking/"]


def test_every_rule_has_one_row() -> None:
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    rows = re.findall(r"^\| ([AB]\d+) \|", page, re.MULTILINE)
    ids = {f"A{number}" for number in range(1, 32)} | {f"B{number}" for number in range(1, 21)}
    assert sorted(rows) == sorted(ids)


def test_decisions_are_numbered_without_gaps_and_each_has_its_three_parts() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text("utf-8")
        assert text.startswith(f"# {record.name[:4]}. ")
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == [*DECISION]


def test_a_broken_link_and_a_forbidden_word_are_found() -> None:
    page = ROOT / "docs" / "rules.md"
    text = "[a](nowhere.md) [b](rules.md#nothing) [c](policy.md)"
    assert broken_links(page, text) == ["nowhere.md", "rules.md#nothing"]
    assert forbidden_words("He was told. `known` is code.") == ["he", "told"]


def test_every_rule_names_a_test_unless_it_is_for_people() -> None:
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    rows = re.findall(r"^\| ([AB]\d+) \|(.*)$", page, re.MULTILINE)
    assert [rule for rule, row in rows if "`tests/" not in row and "| people |" not in row] == []
