"""Checks that a request came from its sender. All comparisons take constant time.

Each check raises NotAuthentic, and nothing else, whatever bytes were sent.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from service.adapters.delivery import Delivery
from service.leads.errors import NotAuthentic

Algorithm = Literal["sha1", "sha256"]
Encoding = Literal["hex", "base64"]

MAX_DIGITS = 11


def check_any(raw: str | None, expected: Iterable[str], what: str) -> None:
    """Raise NotAuthentic unless the text is one of the expected texts.

    An empty text is never right, so that a missing secret lets nobody in.
    """
    given = (raw or "").encode("utf-8", "surrogateescape")
    matches = [
        hmac.compare_digest(given, item.encode("utf-8", "surrogateescape")) for item in expected
    ]
    if not given or not any(matches):
        raise NotAuthentic(f"The {what} is missing or wrong.")


def check_body(
    delivery: Delivery,
    secrets: Sequence[str],
    header: str,
    *,
    algorithm: Algorithm = "sha256",
    encoding: Encoding = "hex",
    prefix: str = "",
    before: bytes = b"",
) -> None:
    """Check a header with an HMAC of the raw body, or of a prefix and the body.

    An empty secret is ignored, because anybody could sign with it.
    """
    message = before + delivery.body
    signatures = [
        prefix + sign(message, secret, algorithm, encoding) for secret in secrets if secret
    ]
    check_any(delivery.header(header), signatures, f"signature in {header}")


def sign(message: bytes, secret: str, algorithm: Algorithm, encoding: Encoding) -> str:
    """The HMAC of a message, in lower case hex or in base64."""
    mac = hmac.digest(secret.encode(), message, algorithm)
    return mac.hex() if encoding == "hex" else base64.b64encode(mac).decode()


def hash_of(text: str) -> str:
    """The plain SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def check_token(raw: str | None, secrets: Sequence[str], what: str = "token") -> None:
    """Check that a token equals one of the secrets."""
    check_any(raw, [secret for secret in secrets if secret], what)


def check_basic(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Check HTTP Basic authentication. A secret is `user:password`; both parts are needed."""
    scheme, _, raw = (delivery.header("authorization") or "").partition(" ")
    expected = [
        base64.b64encode(secret.encode()).decode() for secret in secrets if secret.partition(":")[2]
    ]
    check_any(raw.strip() if scheme.lower() == "basic" else None, expected, "password")


def check_bearer(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Check a bearer token."""
    scheme, _, raw = (delivery.header("authorization") or "").partition(" ")
    check_token(raw.strip() if scheme.lower() == "bearer" else None, secrets)


def check_time(timestamp: str | None, now: datetime, window: timedelta) -> None:
    """Check that a Unix time in digits is within the window around now, edges included."""
    raw = timestamp or ""
    if not raw.isascii() or not raw.isdecimal() or len(raw) > MAX_DIGITS:
        raise NotAuthentic("The timestamp is missing or is no Unix time.")
    if abs(now.timestamp() - int(raw)) > window.total_seconds():
        raise NotAuthentic("The timestamp is too far from now.")
