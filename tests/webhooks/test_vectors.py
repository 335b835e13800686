"""The vectors that owners of the schemes published, each run against our own code."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from webhooks.deliveries import NOON, a_delivery, a_source, flipped

from service.adapters.delivery import Delivery
from service.adapters.registry import ADAPTERS
from service.adapters.signatures import hash_of, sign
from service.adapters.source import Source
from service.adapters.standard.standard_signature import sign as sign_as_standard
from service.leads.errors import NotAuthentic

Vector = Mapping[str, Any]
Proved = tuple[Delivery, Source]

VECTORS: list[Vector] = json.loads((Path(__file__).parent / "vectors.json").read_text())
FORM = "application/x-www-form-urlencoded"


def _standard(vector: Vector) -> Proved:
    headers = {
        "webhook-id": vector["id"],
        "webhook-timestamp": str(vector["timestamp"]),
        "webhook-signature": vector["header"],
    }
    sent_at = datetime.fromtimestamp(vector["timestamp"], UTC)
    secret = vector.get("secret") or vector["public_key"]
    delivery = a_delivery(vector["body"].encode(), headers, received_at=sent_at)
    return delivery, a_source("standard", secrets={"secret": secret})


def _twilio(vector: Vector) -> Proved:
    form = vector.get("form")
    body = urlencode(form) if form else vector["body"]
    headers = {
        "content-type": FORM if form else "application/json",
        "x-twilio-signature": vector["header"],
    }
    source = a_source("twilio", secrets={"auth_token": vector["secret"]})
    return a_delivery(body.encode(), headers, url=vector["url"]), source


def _of_body(adapter: str, secret: str, header: str, **headers: str) -> Callable[[Vector], Proved]:
    def proved(vector: Vector) -> Proved:
        delivery = a_delivery(vector["body"].encode(), {**headers, header: vector["header"]})
        return delivery, a_source(adapter, secrets={secret: vector["secret"]})

    return proved


def _mailgun(vector: Vector) -> Proved:
    names = {"timestamp": "timestamp", "token": "token", "signature": "header"}
    body = urlencode({name: vector[key] for name, key in names.items()}).encode()
    sent_at = datetime.fromtimestamp(int(vector["timestamp"]), UTC)
    source = a_source("mailgun", secrets={"signing_key": vector["secret"]})
    return a_delivery(body, {"content-type": FORM}, received_at=sent_at), source


def _sendgrid(vector: Vector) -> Proved:
    prefix = "x-twilio-email-event-webhook"
    headers = {
        f"{prefix}-signature": vector["header"],
        f"{prefix}-timestamp": vector["timestamp"],
    }
    sent_at = datetime.fromtimestamp(int(vector["timestamp"]), UTC)
    source = a_source("sendgrid", secrets={"public_key": vector["public_key"]})
    return a_delivery(vector["body"].encode(), headers, received_at=sent_at), source


def _mango(vector: Vector) -> Proved:
    key, salt = vector["secret"], vector["salt"]
    form = {"vpbx_api_key": key, "sign": vector["header"], "json": vector["json"]}
    source = a_source("mango", secrets={"vpbx_api_key": key, "salt": salt})
    return a_delivery(urlencode(form).encode(), {"content-type": FORM}), source


SHOPIFY = {
    f"x-shopify-{name}": "said" for name in ("topic", "shop-domain", "api-version", "webhook-id")
}
SCHEMES: Mapping[str, Callable[[Vector], Proved]] = {
    "standard-webhooks-v1": _standard,
    "standard-webhooks-v1a": _standard,
    "twilio-v1": _twilio,
    "x-hub-signature-256": _of_body("meta", "app_secret", "x-hub-signature-256"),
    "viber": _of_body("viber", "auth_token", "x-viber-content-signature"),
    "mailgun": _mailgun,
    "shopify": _of_body("shopify", "client_secret", "x-shopify-hmac-sha256", **SHOPIFY),
    "sendgrid-ecdsa": _sendgrid,
    "mango": _mango,
}
PRIMITIVES = ("hmac-sha1-hex", "hmac-sha256-hex")
PARTS = ("header", "secret", "public_key", "id", "token", "salt", "json")
OF_SENDERS = [vector for vector in VECTORS if vector["scheme"] not in PRIMITIVES]
VALID = [vector for vector in OF_SENDERS if vector["valid"]]


def is_taken(delivery: Delivery, source: Source) -> bool:
    try:
        ADAPTERS[source.adapter].verify(delivery, source)
    except NotAuthentic:
        return False
    return True


def named(vector: Vector) -> str:
    return str(vector["name"])


def test_there_are_eighteen_of_them() -> None:
    assert len({named(vector) for vector in VECTORS}) == len(VECTORS) == 18


@pytest.mark.parametrize("vector", OF_SENDERS, ids=named)
def test_what_the_owner_of_a_scheme_signed_is_taken_and_else_refused(vector: Vector) -> None:
    assert is_taken(*SCHEMES[vector["scheme"]](vector)) is vector["valid"]


@pytest.mark.parametrize(
    ("vector", "part"),
    [(vector, part) for vector in VALID for part in PARTS if part in vector],
    ids=lambda sent: sent if isinstance(sent, str) else named(sent),
)
def test_a_part_of_a_vector_with_one_bit_changed_is_refused(vector: Vector, part: str) -> None:
    for place in (-7, -12, -19):
        changed = flipped(vector[part].encode(), place).decode("latin-1")
        assert not is_taken(*SCHEMES[vector["scheme"]]({**vector, part: changed}))


@pytest.mark.parametrize("vector", [item for item in VALID if "body" in item], ids=named)
def test_a_vector_s_body_with_one_bit_changed_is_refused(vector: Vector) -> None:
    for place in range(len(vector["body"])):
        changed = flipped(vector["body"].encode(), place).decode()
        assert not is_taken(*SCHEMES[vector["scheme"]]({**vector, "body": changed}))


@pytest.mark.parametrize("name", ["CallSid", "Digits", "From", "To", "Caller"])
def test_a_field_of_twilio_s_form_that_is_changed_is_refused(name: str) -> None:
    (vector,) = [item for item in VECTORS if item["name"] == "twilio/form"]
    changed = {**vector, "form": {**vector["form"], name: "other"}}
    assert not is_taken(*_twilio(changed))


@pytest.mark.parametrize("scheme", PRIMITIVES)
def test_our_hmac_is_that_of_the_standards(scheme: str) -> None:
    (vector,) = [item for item in VECTORS if item["scheme"] == scheme]
    algorithm = "sha1" if "sha1" in scheme else "sha256"
    made = sign(vector["body"].encode(), vector["secret"], algorithm, "hex")
    assert made == vector["header"]


def test_we_sign_as_the_official_vector_is_signed() -> None:
    vector = VECTORS[0]
    made = sign_as_standard(
        [vector["secret"]], vector["id"], vector["timestamp"], vector["body"].encode()
    )
    assert made == vector["header"]


def test_mango_s_link_of_a_recording_is_hashed_as_its_manual_hashes_it() -> None:
    made = hash_of("123" + "1525597727500" + "Rofkdgl33fd=" + "789")
    assert made == "9867bfdc661049959450fbad35c10ef2a41120094bda492dd0f085ba4def7df0"


@pytest.mark.parametrize(
    ("url", "port"),
    [("https://mycompany.com/myapp.php?foo=1&bar=2", ":443"),
     ("http://mycompany.com:80/myapp.php?foo=1&bar=2", ":80")],
)  # fmt: skip
def test_twilio_s_url_is_right_with_its_default_port_and_without(url: str, port: str) -> None:
    found = [item for item in VECTORS if item["scheme"] == "twilio-v1" and item.get("url") == url]
    (vector,) = found
    other = url.replace(port, "") if port in url else url.replace(".com", f".com{port}")
    delivery, source = _twilio({**vector, "url": other})
    assert is_taken(delivery, source)
    elsewhere, _ = _twilio({**vector, "url": other.replace("/myapp", "/other")})
    assert not is_taken(elsewhere, source)


def test_shopify_s_own_vector_needs_each_of_its_headers() -> None:
    (vector,) = [item for item in VECTORS if item["scheme"] == "shopify"]
    delivery, source = SCHEMES["shopify"](vector)
    for name, _ in delivery.headers:
        stored = tuple(pair for pair in delivery.headers if pair[0] != name)
        assert not is_taken(Delivery("POST", delivery.body, NOON, stored), source)
