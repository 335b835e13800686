"""Whether a request speaks of a client, however the sender writes numbers and addresses."""

import json
from urllib.parse import quote_plus

import pytest

from service.matching.needles import needles_of

IRINA = needles_of(
    ["phone:+79161234567", "email:irina@sokolova.ru", "messenger:telegram:123456789", "customer:1"]
)


@pytest.mark.parametrize(
    "content",
    [
        b'{"from": "79161234567"}',
        b"from=%2B7+%28916%29+123-45-67",
        json.dumps({"text": "мой номер 8 916 123 45 67"}).encode(),
        b"From: Irina <IRINA@sokolova.ru>",
        quote_plus('{"mail":"irina@sokolova.ru"}').encode(),
        rb'{"mail": "irina\u0040sokolova.ru"}',
        b'{"chat":{"id":123456789}}',
        b"chat_id=123456789&text=1",
    ],
)
def test_found(content: bytes) -> None:
    assert IRINA.are_in(content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"from": "79161234568"}',
        b'{"mail": "not-irina@sokolova.ru.example"}'.replace(b"-", b"_"),
        b'{"chat":{"id":1234567890}}',
        b"customer=1",
        b"",
    ],
)
def test_somebody_elses(content: bytes) -> None:
    assert not IRINA.are_in(content)


def test_who_has_no_telling_mark_is_found_nowhere() -> None:
    assert not needles_of(["customer:1042", "messenger:vk:7"]).are_in(b'{"id": "1042", "from": 7}')


def test_short_ids_and_customer_numbers_are_not_looked_for() -> None:
    found = needles_of(["customer:123456789", "messenger:vk:1234", "phone:+7916"])
    assert (found.digits, found.words) == ((), None)
    assert not found.are_in(b'{"id": 123456789}')


def test_five_signs_of_an_id_and_seven_digits_are_enough() -> None:
    found = needles_of(["messenger:vk:12345", "phone:+74951234"])
    assert found.are_in(b'{"from": "12345"}')
    assert not found.are_in(b'{"from": "x12345", "to": "12345_"}')
    assert found.are_in(b"from=495+12-34")
    assert found.digits == (b"4951234",)
