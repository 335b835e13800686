"""Targets of the board and links on the card, as a policy writes them."""

from typing import Any

import pytest
from policy_builders import FULL

from service.leads.errors import InvalidRequest
from service.policies.reading import policy_of
from service.rules.links import Link
from service.rules.targets import Figure


def mistakes(**parts: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as caught:
        policy_of({**FULL, **parts}, 1)
    return [(item.field, item.reason) for item in caught.value.mistakes]


def test_targets_are_read_and_those_left_out_do_not_exist() -> None:
    read = policy_of({**FULL, "targets": {"late": 0, "conversion": 0.25}}, 1)
    assert read.targets == {Figure.LATE: 0, Figure.CONVERSION: 0.25}
    bare = {name: part for name, part in FULL.items() if name != "targets"}
    assert policy_of(bare, 1).targets == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("late", -1), ("late", 1.5), ("conversion", 1.1), ("served_per_hour", 0), ("free", "2")],
)
def test_targets_out_of_bounds_are_named(name: str, value: Any) -> None:
    assert [field for field, _ in mistakes(targets={name: value})] == [f"targets.{name}"]


def test_links_are_read() -> None:
    written = {"title": "Order", "address": "https://s.example/{order}", "sources": ["site"]}
    read = policy_of({**FULL, "links": [written]}, 1)
    assert read.links == (Link("Order", "https://s.example/{order}", frozenset({"site"})),)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("javascript:alert('{order}')", "it is no safe address"),
        ("https://{customer}.example/", "it is no safe address"),
        ("https://s.example/{token}", "`{token}` is not known"),
        ("https://s.example/{}", "`{}` is not known"),
    ],
)
def test_unsafe_links_are_refused_with_the_reason(address: str, reason: str) -> None:
    found = mistakes(links=[{"title": "Order", "address": address}])
    assert found == [("links.0.address", reason)]
