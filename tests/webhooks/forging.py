"""For each adapter, how a request is proved by a secret: right ones, and those of an empty one."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webhooks.deliveries import NOON, a_delivery, a_source
from webhooks.signing import base64_mac, hex_mac, mac, mango_proof

from service.adapters.delivery import Delivery
from service.adapters.source import Source

Forger = Callable[[str], tuple[Delivery, Source]]

BODY = b'{"a": 1}'
FORM = {"content-type": "application/x-www-form-urlencoded"}
NOW = str(int(NOON.timestamp()))
URL = "https://shop.example/webhooks/twilio/shop"


def _in_header(
    adapter: str, secret_name: str, header: str, proof: Callable[[str], str], **more: Any
) -> Forger:
    def forge(secret: str) -> tuple[Delivery, Source]:
        headers = {header: proof(secret), **more.get("headers", {})}
        source = a_source(adapter, secrets={secret_name: secret}, options=more.get("options", {}))
        return a_delivery(more.get("body", BODY), headers), source

    return forge


def _in_body(
    adapter: str, secret_names: Mapping[str, str], body: Callable[[str], bytes], **more: Any
) -> Forger:
    def forge(secret: str) -> tuple[Delivery, Source]:
        secrets = {name: sent or secret for name, sent in secret_names.items()}
        source = a_source(adapter, secrets=secrets, options=more.get("options", {}))
        return a_delivery(body(secret), more.get("headers", {})), source

    return forge


def _hex(secret: str) -> str:
    return hex_mac(secret, BODY)


def _base64(secret: str) -> str:
    return base64_mac(secret, BODY)


def _standard(secret: str) -> tuple[Delivery, Source]:
    text = f"msg_1.{NOW}.".encode() + BODY
    signature = base64.b64encode(mac(base64.b64decode(secret), text)).decode()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": NOW,
        "webhook-signature": f"v1,{signature}",
    }
    return a_delivery(BODY, headers), a_source("standard", secrets={"secret": f"whsec_{secret}"})


def _mango(secret: str) -> bytes:
    sign = mango_proof("{}", secret, secret)
    return f"vpbx_api_key={secret}&sign={sign}&json={{}}".encode()


def _zadarma(secret: str) -> str:
    return base64.b64encode(mac(secret, b"7900", "sha1").hex().encode()).decode()


def _mailgun(secret: str) -> bytes:
    signature = mac(secret, f"{NOW}token".encode()).hex()
    return f"timestamp={NOW}&token=token&signature={signature}".encode()


def _postmark(secret: str) -> tuple[Delivery, Source]:
    both = f"shop:{secret}" if secret else ""
    sent = base64.b64encode(both.encode() or b":").decode()
    source = a_source("postmark", secrets={"password": both})
    return a_delivery(BODY, {"authorization": f"Basic {sent}"}), source


def _mapping(secret: str) -> tuple[Delivery, Source]:
    asked = {"scheme": "hmac", "header": "x-proof"}
    events = [{"what": "word", "lead": {"channel": {"constant": "email"}}}]
    mapping = {"title": "Any", "body": "json", "auth": asked, "events": events}
    text = orjson.dumps(mapping).decode()
    source = a_source("mapping", secrets={"secret": secret}, mapping=text)
    return a_delivery(BODY, {"x-proof": _hex(secret)}), source


def public_key_of(key: EllipticCurvePrivateKey) -> str:
    """As SendGrid shows it."""
    shape = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(key.public_key().public_bytes(*shape)).decode()


def _sendgrid(secret: str) -> tuple[Delivery, Source]:
    key = derive_private_key(int.from_bytes(secret.encode()) or 1, SECP256R1())
    public = public_key_of(key) if secret else ""
    signature = key.sign(NOW.encode() + BODY, ECDSA(SHA256()))
    prefix = "x-twilio-email-event-webhook"
    headers = {
        f"{prefix}-timestamp": NOW,
        f"{prefix}-signature": base64.b64encode(signature).decode(),
    }
    return a_delivery(BODY, headers), a_source("sendgrid", secrets={"public_key": public})


SHOPIFY = {
    f"x-shopify-{item}": "x" for item in ("topic", "shop-domain", "api-version", "webhook-id")
}
FORGERS: Mapping[str, Forger] = {
    "bitrix24": _in_body(
        "bitrix24",
        {"application_token": "", "rest_url": "https://shop.bitrix24.ru/rest/1/x/"},
        lambda secret: f"event=ONCRMLEADADD&auth[application_token]={secret}".encode(),
        headers=FORM,
    ),
    "chatwoot": _in_header(
        "chatwoot",
        "secret",
        "x-chatwoot-signature",
        lambda secret: "sha256=" + mac(secret, f"{NOW}.".encode() + BODY).hex(),
        headers={"x-chatwoot-timestamp": NOW},
    ),
    "mailgun": _in_body("mailgun", {"signing_key": ""}, _mailgun, headers=FORM),
    "mango": _in_body("mango", {"vpbx_api_key": "", "salt": ""}, _mango, headers=FORM),
    "mapping": _mapping,
    "max": _in_header("max", "secret", "x-max-bot-api-secret", lambda secret: secret),
    "meta": _in_header(
        "meta", "app_secret", "x-hub-signature-256", lambda secret: "sha256=" + _hex(secret)
    ),
    "postmark": _postmark,
    "sendgrid": _sendgrid,
    "shopify": _in_header(
        "shopify", "client_secret", "x-shopify-hmac-sha256", _base64, headers=SHOPIFY
    ),
    "standard": _standard,
    "tawk": _in_header(
        "tawk", "secret", "x-tawk-signature", lambda secret: mac(secret, BODY, "sha1").hex()
    ),
    "telegram": _in_header(
        "telegram", "secret_token", "x-telegram-bot-api-secret-token", lambda secret: secret
    ),
    "tilda": _in_header(
        "tilda", "api_key", "x-key", lambda secret: secret, options={"api_key_name": "x-key"}
    ),
    "twilio": _in_header(
        "twilio",
        "auth_token",
        "x-twilio-signature",
        lambda secret: base64.b64encode(mac(secret, b"a1", "sha1")).decode(),
        body=b"a=1",
        headers=FORM,
    ),
    "viber": _in_header("viber", "auth_token", "x-viber-content-signature", _hex),
    "vk": _in_body(
        "vk",
        {"secret": ""},
        lambda secret: orjson.dumps({"type": "x", "group_id": 1, "secret": secret}),
        options={"group_id": "1", "confirmation": "c"},
    ),
    "woocommerce": _in_header("woocommerce", "secret", "x-wc-webhook-signature", _base64),
    "zadarma": _in_header(
        "zadarma",
        "secret",
        "signature",
        _zadarma,
        body=b"event=NOTIFY_START&caller_id=7900",
        headers=FORM,
    ),
}
