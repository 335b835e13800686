"""Events that a subscription posts: whether nextlead sent them (Standard Webhooks)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import cast

from nextlead_client.errors import InvalidSignature
from nextlead_client.models import EventMessageOut

TOLERANCE_SECONDS = 300
MOST_SIGNATURES = 10


def verify_webhook(
    secret: str | Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    now: float | None = None,
) -> EventMessageOut:
    """The event in the body; raises InvalidSignature.

    `secret` is what the subscription showed (`whsec_…`), or several while one is being replaced;
    `headers` are those of the request, and `body` its very bytes. `now` is Unix time.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    number, at = sent.get("webhook-id", ""), sent.get("webhook-timestamp", "")
    if not number or not at.isascii() or not at.isdecimal() or len(at) > 12:
        raise InvalidSignature("webhook-id or webhook-timestamp is missing or odd")
    if abs((time.time() if now is None else now) - int(at)) > TOLERANCE_SECONDS:
        raise InvalidSignature("it was signed more than five minutes ago, or ahead of time")
    signed = f"{number}.{at}.".encode() + body
    secrets = [secret] if isinstance(secret, str) else list(secret)
    signatures = sent.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
    if not any(_is_signed(signed, key, one) for key in secrets for one in signatures):
        raise InvalidSignature("no signature is that of this secret")
    return cast(EventMessageOut, json.loads(body))


def _is_signed(signed: bytes, secret: str, signature: str) -> bool:
    version, _, given = signature.partition(",")
    if version != "v1":
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(right.encode(), given.encode())
