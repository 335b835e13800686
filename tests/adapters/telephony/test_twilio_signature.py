"""Twilio's signature, held against its owner's vectors and against its owner's own verifier."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webhooks.deliveries import a_delivery, a_source, flipped, payload

from service.adapters.delivery import Delivery
from service.adapters.telephony.twilio import ADAPTER
from service.leads.errors import NotAuthentic

TOKEN = "12345"
SOURCE = a_source("twilio", secrets={"auth_token": TOKEN})
URL = "https://shop.example/webhooks/twilio/main?foo=1&bar=2"
FORM = "application/x-www-form-urlencoded"
VECTORS = Path(__file__).parents[2] / "webhooks" / "vectors.json"
OFFICIAL = [load for load in json.loads(VECTORS.read_text()) if load["scheme"] == "twilio-v1"]
FIELDS = {"CallSid": "CA1234567890ABCDE", "From": "+14158675309", "Город": "Ёлкино & Ко"}


def oracle_sign(url: str, form: Any, token: str = TOKEN) -> str:
    from twilio.request_validator import RequestValidator

    return str(RequestValidator(token).compute_signature(url, form))


def oracle_accepts(url: str, form: Any, signature: str) -> bool:
    from twilio.request_validator import RequestValidator

    return bool(RequestValidator(TOKEN).validate(url, form, signature))


class Many(dict[str, list[str]]):
    """A form with several values of a name, as the verifier takes it."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def posted(
    form: Any = FIELDS, url: str = URL, signature: str | None = None, token: str = TOKEN
) -> Delivery:
    body = urlencode(form, doseq=True).encode()
    sent = oracle_sign(url, form, token) if signature is None else signature
    return a_delivery(body, {"content-type": FORM, "x-twilio-signature": sent}, url=url)


def sent_json(body: bytes, url: str, signature: str) -> Delivery:
    headers = {"content-type": "application/json", "x-twilio-signature": signature}
    return a_delivery(body, headers, url=url)


def is_right(delivery: Delivery) -> bool:
    try:
        ADAPTER.verify(delivery, SOURCE)
    except NotAuthentic:
        return False
    return True


def of_vector(vector: dict[str, Any]) -> Delivery:
    if "form" in vector:
        return posted(vector["form"], vector["url"], vector["header"])
    return sent_json(vector["body"].encode(), vector["url"], vector["header"])


@pytest.mark.parametrize("vector", OFFICIAL, ids=lambda item: item["name"])
def test_the_owners_vectors_are_right(vector: dict[str, Any]):
    ADAPTER.verify(of_vector(vector), SOURCE)


@pytest.mark.parametrize("vector", OFFICIAL, ids=lambda item: item["name"])
def test_any_changed_bit_of_the_owners_vectors_is_refused(vector: dict[str, Any]):
    delivery = of_vector(vector)
    for place in range(len(delivery.body)):
        assert not is_right(replace(delivery, body=flipped(delivery.body, place)))
    sent = (delivery.header("x-twilio-signature") or "").encode()
    for place in range(len(sent)):
        wrong = flipped(sent, place).decode("latin-1")
        headers = (delivery.headers[0], ("x-twilio-signature", wrong))
        assert not is_right(replace(delivery, headers=headers))
    assert not is_right(replace(delivery, url=f"{delivery.url}&more=1"))


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(max_size=4), st.text(max_size=6), max_size=4), st.text(max_size=5))
def test_we_believe_what_the_owners_verifier_believes(form: dict[str, str], query: str):
    encodable = json.loads(json.dumps(form, ensure_ascii=True))
    texts = [*encodable, *encodable.values(), query]
    if any(re.search("[\ud800-\udfff]", text) for text in texts):
        return
    url = "https://shop.example/webhooks/twilio/main?" + urlencode({"q": query})
    delivery = posted(encodable, url)
    assert is_right(delivery)
    assert is_right(delivery) == oracle_accepts(url, encodable, oracle_sign(url, encodable))
    if encodable:
        fewer = dict(list(encodable.items())[1:])
        signature = oracle_sign(url, encodable)
        changed = posted(fewer, url, signature)
        assert is_right(changed) == oracle_accepts(url, fewer, signature)


def test_several_values_of_a_name_are_signed_sorted_and_once():
    form = Many({"Digits": ["2", "10", "2"], "From": ["+1"]})
    assert is_right(posted(form))
    assert not is_right(posted({"Digits": ["2"], "From": ["+1"]}, signature=oracle_sign(URL, form)))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("signed_port", ["", ":80", ":443"])
@pytest.mark.parametrize("told_port", ["", ":80", ":443", ":8443"])
@pytest.mark.parametrize("tail", ["", "/", "/a?b=c", "?b=c"])
def test_the_usual_port_may_be_said_or_not(
    scheme: str, signed_port: str, told_port: str, tail: str
):
    signed = f"{scheme}://shop.example{signed_port}{tail}"
    reported = f"{scheme}://shop.example{told_port}{tail}"
    signature = oracle_sign(signed, FIELDS)
    assert is_right(posted(FIELDS, reported, signature)) == oracle_accepts(
        reported, FIELDS, signature
    )


def test_the_query_is_signed_as_it_was_sent():
    url = "https://shop.example/webhooks/twilio/main?b=%d1%91&a=%7E+~&&a="
    assert is_right(posted(url=url))
    assert not is_right(replace(posted(url=url), url=url.replace("%d1", "%D1")))


def test_a_request_by_get_is_signed_by_its_address():
    url = f"{URL}&CallSid=CA1&CallStatus=ringing"
    headers = {"x-twilio-signature": oracle_sign(url, {})}
    delivery = a_delivery(b"", headers, method="GET", url=url)
    assert is_right(delivery)
    assert not is_right(replace(delivery, url=url.replace("CA1", "CA2")))
    assert not is_right(replace(delivery, body=b"anything"))


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b"CallStatus=completed", "text/plain"), (b"{}", "application/json"), (b"\xff", FORM)],
)
def test_a_body_that_the_signature_does_not_cover_is_refused(body: bytes, media_type: str):
    headers = {"content-type": media_type, "x-twilio-signature": oracle_sign(URL, {})}
    assert not is_right(a_delivery(body, headers, url=URL))


def test_the_hash_of_another_body_is_refused():
    url = f"{URL}&bodySHA256={'0' * 64}"
    assert not is_right(sent_json(b"{}", url, oracle_sign(url, {})))


def test_a_body_with_too_many_parameters_in_the_address_is_refused():
    url = f"{URL}&{'a=1&' * 1001}bodySHA256={'0' * 64}"
    assert not is_right(sent_json(b"{}", url, oracle_sign(url, {})))


@pytest.mark.parametrize("url", ["", "shop", "https://[::1/", "https://shop.example:port/a"])
def test_an_odd_address_is_compared_as_it_is(url: str):
    delivery = posted(url=URL)
    assert not is_right(replace(delivery, url=url))


def test_a_missing_a_non_ascii_and_a_doubled_signature_are_refused():
    delivery = posted()
    content, signature = delivery.headers
    assert is_right(delivery)
    for headers in (
        (content,),
        (content, ("x-twilio-signature", "ё")),
        (*delivery.headers, signature),
    ):
        assert not is_right(replace(delivery, headers=headers))


def test_both_tokens_are_right_while_they_change_and_none_opens_nothing():
    source = a_source("twilio", secrets={"auth_token": ("new", TOKEN)})
    ADAPTER.verify(posted(), source)
    ADAPTER.verify(posted(token="new"), source)
    for secrets in ({}, {"auth_token": ""}):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(posted(token=""), a_source("twilio", secrets=secrets))


def test_a_recorded_call_is_believed_by_its_bytes():
    body = payload("twilio/voice_request.form")
    from urllib.parse import parse_qsl

    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    headers = {"content-type": FORM, "x-twilio-signature": oracle_sign(URL, form)}
    ADAPTER.verify(a_delivery(body, headers, url=URL), SOURCE)
