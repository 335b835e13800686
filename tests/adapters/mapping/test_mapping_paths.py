"""Paths of mappings: what they find, and which are refused because they could take for ever."""

import pytest

from service.adapters.mapping.paths import PathMistake, Scene, find, find_all, read_path

BODY = {
    "client": {"phone": "79001234567", "имя": "Анна", "a b": 1},
    "lines": [{"sku": None}, {"sku": "A-1", "sort": "x"}, {"sku": "B-2", "sort": "y"}],
    "leads": {"add": {"0": {"id": "5"}, "1": {"id": "6"}}},
    "flat[0]": "as it stands",
    "empty": [],
}
SCENE = Scene(BODY, BODY["lines"], {"topic": "orders/create"})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.client.phone", "79001234567"),
        ("$.client['a b']", 1),
        ("$.client.имя", "Анна"),
        ("$.lines[0].sku", None),
        ("$.lines[*].sku", "A-1"),
        ("$.lines[-1].sku", "B-2"),
        ("$.lines[1:].sku", "A-1"),
        ("$.lines[?@.sort == 'y'].sku", "B-2"),
        ("$.leads.add.*.id", "5"),
        ("@[2].sort", "y"),
        ("@", BODY["lines"]),
        ("leads[add][1][id]", "6"),
        ("lines[2][sku]", "B-2"),
        ("flat[0]", "as it stands"),
        ("client[nothing][below]", None),
        ("empty[0]", None),
        ("?topic", "orders/create"),
        ("?nothing", None),
        ("$.client.phone.deeper", None),
        ("$.empty[*].x", None),
    ],
)
def test_a_path_finds_the_first_value_that_is_there(path: str, value: object) -> None:
    assert find(read_path(path), SCENE) == value


def test_a_path_to_a_list_finds_so_many_and_one_more() -> None:
    assert find_all(read_path("$.lines[*].sku"), SCENE, 5) == [None, "A-1", "B-2"]
    assert find_all(read_path("@[*].sku"), SCENE, 1) == [None, "A-1"]


def test_what_is_outside_of_the_event_is_looked_up_once() -> None:
    path, first = read_path("$.client.phone"), Scene({"client": {"phone": "1"}}, None, {})
    second = first.of({"other": 1})
    assert find(path, first) == "1"
    first.body["client"]["phone"] = "2"
    assert find(path, second) == "1"


@pytest.mark.parametrize("sent", ['{"a": 1}', "[1]", "[", "[" * 100_000, "", 5, True, None])
def test_a_text_is_not_looked_into_though_it_be_json(sent: object) -> None:
    for path in ("$.a", "@.a", "$[0]", "@[*]", "a", "a[0]"):
        assert find(read_path(path), Scene(sent, sent, {})) is None
    assert find(read_path("@"), Scene(None, sent, {})) == sent
    assert find(read_path("$"), Scene(sent, None, {})) == sent


@pytest.mark.parametrize(
    "path",
    ["$..phone", "$.a[*,*]", "$.a[0,1]", "$.a[?@.b == $.c]", "$.a[?@..b]", "$.a[?@.b[*]]"],
)
def test_a_path_that_could_take_more_than_one_look_at_the_body_is_refused(path: str) -> None:
    with pytest.raises(PathMistake, match="this path could take too long"):
        read_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "$.", "$.a[", "$a", "a]b", "a[b", "[a]", "$.a b", "@.", "$.a | $.b", "$.a & $.b"),
        *("$.a[?match(@.b, '(x+)+y')]", "$.a[?search(@.b, 'x')]", "$.a[?@.b =~ /x/]", "$.a.0"),
        *("$" + ".a" * 200, "$.a[?" + "(" * 190, "$" + "[?@" * 60, "$['", "$.a[99999999999999999]"),
    ],
)
def test_what_is_no_path_is_refused_with_what_one_looks_like(path: str) -> None:
    with pytest.raises(PathMistake) as refused:
        read_path(path)
    assert str(refused.value)
    assert refused.value.remedy
