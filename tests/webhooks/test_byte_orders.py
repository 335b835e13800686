"""Forms and JSON whose bytes come in another order or charset than they say."""

import json
from urllib.parse import quote

import pytest
from webhooks.deliveries import a_delivery
from webhooks.mapping_builders import form_post, inbound, shipped

from service.adapters.bodies import json_object, mended_in, pairs_of
from service.adapters.inbound_event import ClientMessage

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NEWS = {"event": "request", "text": "Қажет: амортизатор"}


def as_json(charset: str) -> bytes:
    return json.dumps(NEWS, ensure_ascii=False).encode(charset)


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        (as_json("utf-16-le"), "charset"),
        (as_json("utf-16-be"), "charset"),
        (as_json("utf-16"), "byte_order_mark"),
        (b"\r\n\xef\xbb\xbf" + as_json("utf-8"), "byte_order_mark"),
        (as_json("utf-8") + b"\0\r\n\0", "nul"),
    ],
)
def test_json_of_any_order_of_bytes_is_read_and_it_is_reported(body: bytes, mended: str) -> None:
    delivery = a_delivery(body, JSON)
    assert json_object(delivery) == NEWS
    assert mended_in(delivery) == [mended]


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbfphone=1&name=" + quote("Әлия").encode(),
        b"%EF%BB%BFphone=1&name=" + quote("Әлия").encode(),
        "phone=1&name=Әлия".encode("utf-16"),
    ],
)
def test_a_mark_before_a_form_is_no_part_of_its_first_field(body: bytes) -> None:
    assert dict(pairs_of(a_delivery(body, FORM))) == {"phone": "1", "name": "Әлия"}


@pytest.mark.parametrize("written", ["%26%231240%3Bлия", "%u04D8%u043B%u0438%u044F"])
def test_what_a_page_s_charset_lacks_is_read_as_browsers_and_scripts_write_it(
    written: str,
) -> None:
    body = quote(f"phone=89147001213&name={written}", safe="%=&").encode()
    (event,) = inbound(shipped("html_form"), form_post(body))
    assert isinstance(event, ClientMessage)
    assert event.signal.customer is not None
    assert event.signal.customer.name == "Әлия"


def test_a_form_that_a_script_posts_as_json_is_a_form() -> None:
    body = json.dumps({"phone": "89147001213", "message": "Нужен бампер"}).encode()
    (event,) = inbound(shipped("html_form"), a_delivery(body, JSON))
    assert isinstance(event, ClientMessage)
    assert event.signal.text == "Нужен бампер"


def test_the_charset_of_a_part_of_a_form_is_reported_too() -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
    body = part + "Пётр".encode("cp1251") + b"\r\n--x--\r\n"
    delivery = a_delivery(body, {"Content-Type": "multipart/form-data; boundary=x"})
    assert (dict(pairs_of(delivery)), mended_in(delivery)) == ({"name": "Пётр"}, ["charset"])
