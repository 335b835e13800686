"""Mango Office: by which key and salt a form is signed, and which are refused."""

from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import pytest
from webhooks.deliveries import a_delivery, a_source, flipped, payload
from webhooks.signing import mango_proof

from service.adapters.delivery import Delivery
from service.adapters.telephony.mango import ADAPTER
from service.leads.errors import NotAuthentic

KEY, SALT = "ekfn3fno329f204fj59g23h0f294f23d", "idn239uf90i1d23283dh204gfh23dj3d"
SOURCE = a_source("mango", secrets={"vpbx_api_key": KEY, "salt": SALT})
FORM = {"content-type": "application/x-www-form-urlencoded"}


def recorded(name: str) -> Delivery:
    return a_delivery(payload(f"mango/{name}.form"), FORM)


def posted(text: str, key: str = KEY, salt: str = SALT) -> Delivery:
    sign = mango_proof(text, key, salt)
    form = {"vpbx_api_key": key, "sign": sign, "json": text}
    return a_delivery(urlencode(form).encode(), FORM)


def test_the_vector_of_another_implementation_is_right():
    text = '{"date_from":"1481630491","date_to":"1481734491"}'
    sign = "727f134b4ae7b45e71e08b2ff2d846a1cf0460119cd4a351754c5365817f8068"
    body = urlencode({"vpbx_api_key": KEY, "sign": sign, "json": text}).encode()
    ADAPTER.verify(a_delivery(body, FORM), SOURCE)


def test_any_changed_bit_of_the_form_is_refused():
    delivery = recorded("summary_missed_in_menu")
    ADAPTER.verify(delivery, SOURCE)
    for place in range(len(delivery.body)):
        with pytest.raises(NotAuthentic):
            ADAPTER.verify(replace(delivery, body=flipped(delivery.body, place)), SOURCE)


@pytest.mark.parametrize("name", ["vpbx_api_key", "sign"])
@pytest.mark.parametrize("value", [None, "", "0", "ё"])
def test_a_missing_or_wrong_key_or_sign_is_refused(name: str, value: str | None):
    form = {item: sent[0] for item, sent in parse_qs(recorded("call_1_menu").body.decode()).items()}
    form = {**form, name: value} if value is not None else {**form, name: ""}
    if value is None:
        del form[name]
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(a_delivery(urlencode(form).encode(), FORM), SOURCE)


@pytest.mark.parametrize("body", [b"", b"\xff=\xfe", b"a=1&" * 1001, b'{"json": 1}'])
def test_what_is_no_form_of_theirs_is_refused(body: bytes):
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(a_delivery(body, FORM), SOURCE)


def test_a_source_without_secrets_believes_nobody():
    empty = posted("{}", key="", salt="")
    for secrets in ({}, {"vpbx_api_key": "", "salt": ""}, {"vpbx_api_key": KEY}):
        for delivery in (empty, posted("{}", salt=""), posted("{}")):
            with pytest.raises(NotAuthentic):
                ADAPTER.verify(delivery, a_source("mango", secrets=secrets))


def test_the_secrets_before_and_after_a_change_are_right_and_others_are_not():
    secrets = {"vpbx_api_key": ("new-key", KEY), "salt": ("new-salt", SALT)}
    source = a_source("mango", secrets=secrets)
    ADAPTER.verify(posted("{}", key="new-key", salt="new-salt"), source)
    ADAPTER.verify(posted("{}"), source)
    with pytest.raises(NotAuthentic):
        ADAPTER.verify(posted("{}", salt="older-salt"), source)


def test_only_the_salt_may_be_changed():
    source = a_source("mango", secrets={"vpbx_api_key": KEY, "salt": ("new-salt", SALT)})
    ADAPTER.verify(posted("{}", salt="new-salt"), source)
    ADAPTER.verify(posted("{}"), source)


def test_the_text_is_signed_as_it_was_sent_and_not_as_it_would_be_written_anew():
    ADAPTER.verify(posted('{ "имя" : "Ё+%20",\n"a":1e0 }'), SOURCE)
