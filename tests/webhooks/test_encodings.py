"""What a damaged or oddly encoded body becomes: the client's words, and what was mended."""

import pytest
from webhooks.deliveries import a_delivery

from service.adapters.bodies import json_object, mended_in, pairs_of

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_mark_before_json_is_no_mistake() -> None:
    body = "\ufeff".encode() + '{"text": "ф"}'.encode()
    assert json_object(a_delivery(body, JSON)) == {"text": "ф"}


@pytest.mark.parametrize(("charset", "name"), [("cp1251", "windows-1251"), ("utf-8", "utf-8")])
def test_a_form_is_read_in_the_charset_that_it_names(charset: str, name: str) -> None:
    body = b"comment=" + "".join(f"%{byte:02X}" for byte in "Колодки".encode(charset)).encode()
    delivery = a_delivery(body + b"&_charset_=" + name.encode(), FORM)
    assert dict(pairs_of(delivery))["comment"] == "Колодки"


def test_what_was_sound_is_not_mended() -> None:
    assert not mended_in(a_delivery('{"text": "Колодки 🚗"}'.encode(), JSON))
