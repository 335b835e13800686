"""Each table says what of a client is in it, or that nothing is; so does the page for officers."""

from pathlib import Path

from service.storage.all_tables import metadata
from service.storage.customers.places import PLACES, SEARCHED, WITHOUT

PAGE = Path(__file__).parents[2] / "docs" / "personal-data.md"


def test_every_table_is_one_of_three_sorts() -> None:
    named = [*PLACES, *SEARCHED, *WITHOUT]
    assert sorted(named) == sorted(metadata.tables)


def test_the_page_names_every_place() -> None:
    page = PAGE.read_text("utf-8")
    assert [name for name in (*PLACES, *SEARCHED) if f"`{name}`" not in page] == []
