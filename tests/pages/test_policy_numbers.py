"""The form of a policy's numbers: what may be left out is added and cleared, the rest stays."""

import pytest

from service.pages.policies.number_words import number_words
from service.pages.policies.numbers import cells_of_kinds, cells_of_others, changed_text
from service.policies.reading import Shipped, read_policy, shipped_text
from service.policies.rewriting import with_new_part
from service.policies.yaml_text import read_yaml
from service.rules.targets import Figure
from service.storage.operators.operators import Queue

MAIN = Queue("main", "Main", "RUB", "Europe/Moscow")
EMPTY = shipped_text(Shipped.EMPTY).replace("currency: XXX", "currency: KZT")


def values(text: str) -> dict[str, str]:
    cells = [cell for part in cells_of_others(text).values() for cell in part]
    kinds = [cell for row in cells_of_kinds(text).values() for cell in row.values() if cell]
    return {cell.field: cell.value for cell in (*cells, *kinds)}


@pytest.mark.parametrize("shipped", [Shipped.AUTO_PARTS, Shipped.FIREWORKS])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_number_of_the_form_has_words(shipped: Shipped, language: str) -> None:
    words = number_words(language, MAIN)
    for field in values(shipped_text(shipped)):
        assert field.startswith("hours.weekly.") or words(field) is not None, field


def test_a_unit_of_money_is_the_queues() -> None:
    for language, bill, cost in (("ru", "₽", "₽/мин"), ("en", "RUB", "RUB/min")):
        words = number_words(language, MAIN)
        found = [words("kinds.chat.usual_bill"), words("targets.cost_per_minute")]
        assert [item.unit for item in found if item] == [bill, cost]


def test_targets_are_added_to_a_policy_without_any() -> None:
    assert values(EMPTY)["targets.late"] == ""
    text, wrong = changed_text(EMPTY, {"targets.late": "2", "targets.conversion": "0,25"})
    assert not wrong
    assert text.startswith(EMPTY.rstrip())  # all that was there stays, with its comments
    assert read_policy(text).targets == {Figure.LATE: 2, Figure.CONVERSION: 0.25}


def test_a_target_is_cleared_and_set_again() -> None:
    text, _ = changed_text(shipped_text(Shipped.AUTO_PARTS), {"targets.waiting": ""})
    assert Figure.WAITING not in read_policy(text).targets
    assert values(text)["targets.waiting"] == ""
    text, _ = changed_text(text, {"targets.waiting": "30"})
    assert read_policy(text).targets[Figure.WAITING] == 30


def test_what_must_have_a_number_is_not_cleared() -> None:
    sent = {"lease_seconds": "", "kinds.chat.chance": "", "targets.late": "few"}
    text, wrong = changed_text(shipped_text(Shipped.AUTO_PARTS), sent)
    assert wrong == ["lease_seconds", "kinds.chat.chance", "targets.late"]
    assert text == shipped_text(Shipped.AUTO_PARTS)


def test_an_optional_number_of_a_kind_is_added_inside() -> None:
    without = EMPTY.replace(", late_minutes: 10}", "}")
    assert without != EMPTY
    text, _ = changed_text(without, {"kinds.chat.late_minutes": "12"})
    assert read_yaml(text)["kinds"]["chat"]["late_minutes"] == 12


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a: 1\n", ("b",), {"a": 1, "b": 5}),
        ("a: 1", ("b", "c", "d"), {"a": 1, "b": {"c": {"d": 5}}}),
        ("a: {}\n", ("a", "b"), {"a": {"b": 5}}),
        ("a: {x: 1}\n", ("a", "b"), {"a": {"x": 1, "b": 5}}),
        ("a: {x: 1,}\n", ("a", "b"), {"a": {"x": 1, "b": 5}}),
        ("a: {x: 1,  # why\n  }\n", ("a", "b"), {"a": {"x": 1, "b": 5}}),
        ("a: {x: 1  # why\n  }\n", ("a", "b"), {"a": {"x": 1, "b": 5}}),
        ("a:\n  x: 1\n  y: 2\nz: 3\n", ("a", "b"), {"a": {"x": 1, "y": 2, "b": 5}, "z": 3}),
        ("a:\n    x: {q: 1}\n", ("a", "b", "c"), {"a": {"x": {"q": 1}, "b": {"c": 5}}}),
    ],
)
def test_a_part_is_added_in_any_notation(
    text: str, path: tuple[str, ...], expected: dict[str, object]
) -> None:
    assert read_yaml(with_new_part(text, path, "5")) == expected


@pytest.mark.parametrize(("text", "path"), [("a: 1\n", ("a", "b")), ("a: [1]\n", ("a", "b"))])
def test_a_value_or_a_list_has_no_room_for_parts(text: str, path: tuple[str, ...]) -> None:
    with pytest.raises(KeyError):
        with_new_part(text, path, "5")
