"""How senders prove themselves, each computed here once and by no code of the service's own.

And requests signed as Standard Webhooks are, by a secret for tests.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from webhooks.deliveries import NOON, a_delivery

from service.adapters.delivery import Delivery
from service.adapters.standard.standard_signature import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def mac(secret: str | bytes, message: bytes, algorithm: str = "sha256") -> bytes:
    """The HMAC that most senders send, in one spelling or another."""
    return hmac.digest(secret.encode() if isinstance(secret, str) else secret, message, algorithm)


def hex_mac(secret: str, message: bytes, algorithm: str = "sha256") -> str:
    """As GitHub, Meta, Mailgun and many others write it."""
    return mac(secret, message, algorithm).hex()


def base64_mac(secret: str, message: bytes) -> str:
    """As Shopify and WooCommerce write it."""
    return base64.b64encode(mac(secret, message)).decode()


def mango_proof(text: str, key: str, salt: str) -> str:
    """What Mango calls its `sign`."""
    return hashlib.sha256(f"{key}{text}{salt}".encode()).hexdigest()


def signed(
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    secrets: Sequence[str] = (SECRET,),
    message_id: str = "msg_1",
    at: datetime = NOON,
    family: str = "webhook",
    media_type: str = "application/json",
    **more: Any,
) -> Delivery:
    """A request with the three headers, those that are given in their place."""
    sent = {
        "content-type": media_type,
        f"{family}-id": message_id,
        f"{family}-timestamp": str(int(at.timestamp())),
        f"{family}-signature": sign(secrets, message_id, int(at.timestamp()), body),
        **(headers or {}),
    }
    return a_delivery(body, sent, **more)
