"""SendGrid: mails by its Inbound Parse (twilio.com/docs/sendgrid).

The fields come as a form with files. `charsets` names the charset of each field. With a security
policy, an ECDSA signature covers the time and the raw body. A refused delivery is repeated for up
to three days, perhaps with its first time, so the window is three days. A repetition is recognised
by the mail's Message-ID. Without a policy nothing is signed: the option `unsigned` says so, and the
source's address holds a token.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_value, undecoded_form_of
from service.adapters.delivery import Delivery
from service.adapters.encodings import charset_named, charset_of, decode
from service.adapters.inbound_event import InboundEvent
from service.adapters.mail.inbound_mail import MAX_BYTES, events_in
from service.adapters.mail.message import Mail, headers_in
from service.adapters.normalise import text
from service.adapters.payload import part
from service.adapters.signatures import check_time
from service.adapters.source import Source
from service.leads.errors import FieldMistake, NotAuthentic, Unreadable

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
WINDOW = timedelta(days=3)
MAX_SIGNS = 100_000


def _is_unsigned(options: Mapping[str, str]) -> bool:
    return options.get("unsigned") == "yes"


def _verify(delivery: Delivery, source: Source) -> None:
    if _is_unsigned(source.options):
        return
    timestamp = delivery.header(TIMESTAMP)
    check_time(timestamp, delivery.received_at, WINDOW)
    signature = _bytes_of(delivery.header(SIGNATURE) or "")
    message = (timestamp or "").encode() + delivery.body
    keys = [_key(item) for item in source.secret("public_key")]
    if not any(_is_signed(message, signature, key) for key in keys if key is not None):
        raise NotAuthentic(f"The signature in {SIGNATURE} is missing or wrong.")


def _bytes_of(raw: str) -> bytes:
    try:
        return base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _key(raw: str) -> EllipticCurvePublicKey | None:
    try:
        key = load_der_public_key(_bytes_of(raw))
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    return None


def _is_signed(message: bytes, signature: bytes, key: EllipticCurvePublicKey) -> bool:
    try:
        key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    fields = undecoded_form_of(delivery)
    if "email" in fields and "headers" not in fields:
        raise Unreadable("The mail is raw: switch 'POST the raw, full MIME message' off.")
    charsets = part(_object(fields, "charsets"))
    form = {name: _decoded(value, charsets.get(name)) for name, value in fields.items()}
    envelope = _object(fields, "envelope")
    sender = form.get("from") or text(envelope.get("from"))
    if not sender:
        raise Unreadable("The mail has no sender.")
    count = form.get("attachments", "0").strip()[:4]
    mail = Mail(
        sender=sender,
        subject=form.get("subject"),
        headers=headers_in(form.get("headers", "")[:MAX_SIGNS]),
        plain=text(form.get("text"), MAX_SIGNS),
        html=form.get("html"),
        to=form.get("to"),
        attachments=int(count) if count.isascii() and count.isdecimal() else 0,
    )
    return events_in(mail, source, delivery)


def _object(fields: Mapping[str, bytes], name: str) -> dict[str, object]:
    return part(json_value(fields[name])) if fields.get(name) else {}


def _decoded(value: bytes, charset: object) -> str:
    return decode(value, charset_of([value], charset_named(charset)))


def _check_secrets(secrets: Mapping[str, str]) -> Sequence[FieldMistake]:
    raw = secrets.get("public_key")
    if raw is None or _key(raw) is not None:
        return ()
    remedy = "Copy the public key that SendGrid shows with the security policy."
    return (FieldMistake("public_key", "it is no P-256 public key in base64", remedy),)


ADAPTER = Adapter(
    name="sendgrid",
    title="SendGrid (inbound mail)",
    verify=_verify,
    is_unsigned=_is_unsigned,
    read=_read,
    check_secrets=_check_secrets,
    secrets={
        "public_key": Setting(
            "The public key of the security policy; needed unless the option `unsigned` is `yes`.",
            required=True,
        )
    },
    options={
        "unsigned": Setting(
            "`yes` when there is no security policy: the source's address ends with a token then.",
            default="no",
            choices=("no", "yes"),
        )
    },
    max_bytes=MAX_BYTES,
)
