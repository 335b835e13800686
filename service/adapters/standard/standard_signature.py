"""Signatures of Standard Webhooks 1.0: making and checking (standardwebhooks.com).

The signed text is `id.timestamp.body`: the headers as sent, and the raw body. `v1` is an HMAC with
a secret that both sides share. `v1a` is an Ed25519 signature with the sender's own key. While a
secret is being replaced, the sender lists one signature for each. Svix uses other names for the
headers.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.adapters.delivery import Delivery
from service.adapters.signatures import check_time
from service.leads.errors import FieldMistake, InvalidRequest, NotAuthentic

FAMILIES = ("webhook", "svix")
HEADERS = frozenset(f"{family}-id" for family in FAMILIES)  # the headers needed for reading
WINDOW = timedelta(minutes=5)
MESSAGE_ID = re.compile(
    r"[!-\-/-~]{1,200}"
)  # a dot in it would let the signed text be split in another way
MAX_SIGNATURES = 10
SHARED, PUBLIC = "whsec_", "whpk_"
LEAST_SECRET_BYTES = 16
PUBLIC_KEY_BYTES = 32


def sign(secrets: Sequence[str], message_id: str, at: int, body: bytes) -> str:
    """The signature header of a message: a `v1` for each shared secret, the newest first.

    `at` is the Unix time of this attempt in seconds, as in the timestamp header. The id has no dot.
    Raises ValueError for a secret that `check_secret` refuses.
    """
    message = _signed_text(message_id, str(at), body)
    keys = [_bytes_of(secret, SHARED) for secret in secrets]
    if not keys or not all(keys):
        raise ValueError("A secret is missing or is not base64.")
    return " ".join(_v1(key, message) for key in keys)


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Check the three headers. Any listed signature by any of the secrets is enough.

    A secret is a shared one or the sender's public key, `whpk_…`. Malformed items and unknown
    versions are skipped. Raises NotAuthentic, and nothing else.
    """
    family = _family(delivery)
    timestamp = delivery.header(f"{family}-timestamp")
    check_time(timestamp, delivery.received_at, WINDOW)
    name = message_id(delivery)
    if name is None:
        raise NotAuthentic(f"The {family}-id is missing, too long, or has a dot.")
    message = _signed_text(name, timestamp or "", delivery.body)
    items = (delivery.header(f"{family}-signature") or "").split(" ")[:MAX_SIGNATURES]
    if not _is_shared_right(items, secrets, message) and not _is_own_right(items, secrets, message):
        raise NotAuthentic(f"The {family}-signature is missing or wrong.")


def message_id(delivery: Delivery) -> str | None:
    """The id of a message, the same in its repetitions; None when it is invalid."""
    raw = delivery.header(f"{_family(delivery)}-id") or ""
    return raw if MESSAGE_ID.fullmatch(raw) else None


def check_secret(secret: str, field: str = "secret") -> None:
    """Raise InvalidRequest unless this can be a shared secret: base64, with or without `whsec_`."""
    if len(_bytes_of(secret, SHARED)) < LEAST_SECRET_BYTES:
        remedy = f"Send {SHARED} and the base64 of 24 to 64 random bytes."
        reason = f"it is not the base64 of at least {LEAST_SECRET_BYTES} bytes"
        raise InvalidRequest([FieldMistake(field, reason, remedy)])


def check_key(secret: str, field: str = "secret") -> None:
    """Raise InvalidRequest unless this can be a sender's public key or a shared secret."""
    if not secret.startswith(PUBLIC):
        return check_secret(secret, field)
    if len(_bytes_of(secret, PUBLIC)) != PUBLIC_KEY_BYTES:
        remedy = f"Send {PUBLIC} and the base64 of the {PUBLIC_KEY_BYTES} bytes of the key."
        raise InvalidRequest([FieldMistake(field, "it is no Ed25519 public key", remedy)])
    return None


def _family(delivery: Delivery) -> str:
    names = {name for name, _ in delivery.headers}
    return next((family for family in FAMILIES if f"{family}-id" in names), FAMILIES[0])


def _signed_text(name: str, timestamp: str, body: bytes) -> bytes:
    return f"{name}.{timestamp}.".encode() + body


def _bytes_of(secret: str, prefix: str) -> bytes:
    """The bytes of a secret, with or without padding; empty when it is not base64."""
    text = secret.removeprefix(prefix)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""


def _v1(key: bytes, message: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def _is_shared_right(items: Sequence[str], secrets: Sequence[str], message: bytes) -> bool:
    """Compares texts, not bytes: another base64 text of the same bytes is not from a signer."""
    keys = [_bytes_of(secret, SHARED) for secret in secrets]
    expected = [_v1(key, message).encode() for key in keys if key]
    raw = [item.encode(errors="replace") for item in items]
    return any(hmac.compare_digest(item, entry) for item in raw for entry in expected)


def _is_own_right(items: Sequence[str], secrets: Sequence[str], message: bytes) -> bool:
    keys = [_bytes_of(secret, PUBLIC) for secret in secrets if secret.startswith(PUBLIC)]
    raw = [item.removeprefix("v1a,") for item in items if item.startswith("v1a,")]
    return any(_is_by(key, signature, message) for key in keys for signature in raw)


def _is_by(key: bytes, signature: str, message: bytes) -> bool:
    try:
        signed = base64.b64decode(signature, validate=True)
        if base64.b64encode(signed).decode() != signature:
            return False
        Ed25519PublicKey.from_public_bytes(key).verify(signed, message)
    except (ValueError, InvalidSignature):
        return False
    return True
