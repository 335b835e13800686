"""Every scheme of proof that a mapping can ask for: only the right one opens."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, flipped
from webhooks.mapping_builders import form_post, json_post, mapped, text_of
from webhooks.proofs import only_its_body_opens, only_its_header_opens, refuse, with_header

from service.adapters.delivery import Delivery
from service.adapters.mapping.adapter import ADAPTER
from service.adapters.source import Source
from service.adapters.standard.standard_signature import sign as sign_as_standard

VECTORS = {
    load["name"]: load
    for load in json.loads(
        (Path(__file__).parents[2] / "webhooks" / "vectors.json").read_text("utf-8")
    )
}
SECRET = "s3cret-of-the-shop"
BODY = '{"id": 1, "text": "Есть фара?"}'.encode()
NOW = str(int(NOON.timestamp()))


def source_of(auth: dict[str, Any], *secrets: str, body: str = "json", **more: Any) -> Source:
    text = text_of(auth=auth, body=body)
    return mapped(text, secrets={"secret": secrets or (SECRET,), **more.pop("also", {})}, **more)


def mac(message: bytes, algorithm: str = "sha256", secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), message, algorithm).digest()


@pytest.mark.parametrize(
    ("vector", "auth"),
    [
        ("meta/github-doc", {"header": "X-Hub-Signature-256", "prefix": "sha256="}),
        ("viber/official", {"header": "X-Viber-Content-Signature"}),
        ("shopify/official", {"header": "X-Shopify-Hmac-SHA256", "encoding": "base64"}),
        ("primitive/rfc2202-hmac-sha1-case2", {"header": "X-Sign", "algorithm": "sha1"}),
        ("primitive/rfc4231-hmac-sha256-case2", {"header": "X-Sign"}),
    ],
)
def test_official_vectors_of_hmac_open(vector: str, auth: dict[str, Any]) -> None:
    case = VECTORS[vector]
    source = source_of({"scheme": "hmac", **auth}, case["secret"])
    sent = auth.get("prefix", "") + case["header"].removeprefix(auth.get("prefix", ""))
    delivery = a_delivery(case["body"].encode(), {auth["header"]: sent})
    only_its_header_opens(ADAPTER, delivery, source, auth["header"].lower())
    only_its_body_opens(ADAPTER, delivery, source)


def test_the_official_vector_of_fields_signed_together_opens() -> None:
    case = VECTORS["mailgun/official"]
    auth = {"scheme": "hmac_of_fields", "fields": ["timestamp", "token"], "path": "signature"}
    source = source_of(auth, case["secret"], body="form")
    form = {**{name: case[name] for name in ("timestamp", "token")}, "signature": case["header"]}
    ADAPTER.verify(form_post(form), source)
    for name, value in form.items():
        changed = flipped(value.encode(), 3).decode()
        refuse(ADAPTER, form_post({**form, name: changed}), source)
        refuse(ADAPTER, form_post({item: form[item] for item in form if item != name}), source)
    dated = source_of({**auth, "timestamp": "timestamp"}, case["secret"], body="form")
    refuse(ADAPTER, form_post(form), dated)
    then = NOON.fromtimestamp(int(case["timestamp"]), NOON.tzinfo)
    ADAPTER.verify(replace(form_post(form), received_at=then + timedelta(seconds=300)), dated)


def test_the_vector_of_a_salted_hash_opens() -> None:
    case = VECTORS["mango/third-party-test"]
    auth = {"scheme": "hash_of_fields", "fields": ["json"], "path": "sign"}
    text = text_of(auth=auth, body="form")
    secrets = {"secret": ("of today", case["secret"]), "salt": (case["salt"], "older salt")}
    source = a_source("mapping", mapping=text, secrets=secrets)
    form = {"vpbx_api_key": case["secret"], "json": case["json"], "sign": case["header"]}
    ADAPTER.verify(form_post(form), source)
    refuse(ADAPTER, form_post({**form, "json": case["json"] + " "}), source)
    refuse(ADAPTER, form_post({**form, "sign": case["header"][:-1]}), source)
    unsalted = mapped(text, secrets={"secret": case["secret"]})
    refuse(ADAPTER, form_post(form), unsalted)
    plain = hashlib.sha256((case["secret"] + case["json"]).encode()).hexdigest()
    ADAPTER.verify(form_post({**form, "sign": plain}), unsalted)


def test_a_timestamp_is_signed_with_the_body_and_must_be_of_now() -> None:
    auth = {"scheme": "hmac", "header": "X-Sign", "timestamp": "X-Time", "prefix": "sha256="}
    source = source_of(auth)
    sent = "sha256=" + mac(f"{NOW}.".encode() + BODY).hex()
    delivery = json_post(BODY, {"x-sign": sent, "x-time": NOW})
    only_its_header_opens(ADAPTER, delivery, source, "x-sign")
    only_its_body_opens(ADAPTER, delivery, source)
    for value in (str(int(NOW) + 1), "", "now", NOW + ".0", "٣" * 10, "9" * 12):
        refuse(ADAPTER, with_header(delivery, "x-time", value), source)
    for seconds in (-301, 301):
        refuse(ADAPTER, replace(delivery, received_at=NOON + timedelta(seconds=seconds)), source)
    at_its_edge = replace(delivery, received_at=NOON + timedelta(seconds=300))
    ADAPTER.verify(at_its_edge, source)


def test_a_token_opens_in_a_header_a_field_or_the_address() -> None:
    header = source_of({"scheme": "token", "header": "X-Token", "prefix": "Key "})
    delivery = json_post(BODY, {"x-token": f"Key {SECRET}"})
    only_its_header_opens(ADAPTER, delivery, header, "x-token")
    field = source_of({"scheme": "token", "path": "auth[token]"}, body="nested_form")
    ADAPTER.verify(form_post({"auth[token]": SECRET, "a": "1"}), field)
    for wrong in ({"auth[token]": SECRET + " "}, {"auth": SECRET}, {"auth[token][x]": SECRET}, {}):
        refuse(ADAPTER, form_post(wrong), field)
    query = source_of({"scheme": "token", "path": "?key"})
    ADAPTER.verify(json_post(BODY, query=f"a=1&key={SECRET}"), query)
    refuse(ADAPTER, json_post(BODY, query=f"a=1&Key={SECRET}"), query)
    body = source_of({"scheme": "token", "path": "$.secret"}, "12345")
    ADAPTER.verify(json_post('{"secret": "12345"}'), body)
    ADAPTER.verify(json_post('{"secret": 12345}'), body)
    refuse(ADAPTER, json_post('{"secret": ["12345"]}'), body)


def test_basic_and_bearer_open() -> None:
    basic = source_of({"scheme": "basic"}, "shop:п@роль")
    sent = base64.b64encode("shop:п@роль".encode()).decode()
    ADAPTER.verify(json_post(BODY, {"authorization": f"Basic {sent}"}), basic)
    refuse(ADAPTER, json_post(BODY, {"authorization": f"Bearer {sent}"}), basic)
    refuse(ADAPTER, json_post(BODY, {"authorization": "Basic c2hvcDo="}), basic)
    bearer = source_of({"scheme": "bearer"})
    only_its_header_opens(
        ADAPTER,
        json_post(BODY, {"x-other": "1", "authorization": f"Bearer {SECRET}"}),
        bearer,
        "authorization",
    )


def test_standard_webhooks_open_and_name_their_delivery() -> None:
    secret = VECTORS["standard-webhooks/v1/official-1"]["secret"]
    source = source_of({"scheme": "standard"}, secret)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": NOW,
        "webhook-signature": sign_as_standard([secret], "msg_1", int(NOW), BODY),
    }
    delivery = json_post(BODY, headers)
    only_its_header_opens(ADAPTER, delivery, source, "webhook-signature")
    assert ADAPTER.once(delivery, source) == "msg_1"


SCHEMES: list[tuple[dict[str, Any], Delivery]] = [
    ({"scheme": "hmac", "header": "X-S"}, json_post(BODY, {"x-s": mac(BODY).hex()})),
    ({"scheme": "token", "header": "X-S"}, json_post(BODY, {"x-s": SECRET})),
    ({"scheme": "bearer"}, json_post(BODY, {"authorization": f"Bearer {SECRET}"})),
    (
        {"scheme": "hmac_of_fields", "fields": ["$.id", "$.text"], "header": "X-S"},
        json_post(BODY, {"x-s": mac("1Есть фара?".encode()).hex()}),
    ),
    (
        {"scheme": "hash_of_fields", "fields": ["$.id"], "header": "X-S"},
        json_post(BODY, {"x-s": hashlib.sha256(f"{SECRET}1".encode()).hexdigest()}),
    ),
]


@pytest.mark.parametrize(("auth", "delivery"), SCHEMES)
def test_of_two_secrets_either_opens_and_of_none_nothing_does(
    auth: dict[str, Any], delivery: Delivery
) -> None:
    ADAPTER.verify(delivery, source_of(auth, "newer", SECRET))
    ADAPTER.verify(delivery, source_of(auth, SECRET, "older"))
    refuse(ADAPTER, delivery, source_of(auth, "newer", "older"))
    refuse(ADAPTER, delivery, source_of(auth, ""))
    refuse(ADAPTER, delivery, mapped(text_of(auth=auth)))


@pytest.mark.parametrize(("auth", "delivery"), SCHEMES)
def test_an_optional_proof_is_asked_for_as_soon_as_there_is_a_secret(
    auth: dict[str, Any], delivery: Delivery
) -> None:
    optional = {**auth, "optional": True}
    bare = replace(delivery, headers=())
    ADAPTER.verify(bare, mapped(text_of(auth=optional)))
    ADAPTER.verify(delivery, source_of(optional))
    refuse(ADAPTER, bare, source_of(optional))


def test_a_body_that_cannot_be_parsed_proves_nothing_but_a_header_does() -> None:
    broken = json_post("{", {"x-s": SECRET})
    refuse(ADAPTER, broken, source_of({"scheme": "token", "path": "$.secret"}))
    ADAPTER.verify(broken, source_of({"scheme": "token", "header": "X-S"}))


@pytest.mark.parametrize("more", [{}, {"mapping": "title: ["}, {"options": {"shipped": "none"}}])
def test_a_source_without_a_mapping_in_order_takes_nothing(more: dict[str, Any]) -> None:
    refuse(ADAPTER, json_post(BODY), a_source("mapping", secrets={"secret": SECRET}, **more))


def test_the_address_of_every_mapping_is_secret() -> None:
    assert ADAPTER.secret_address
