"""Mailgun: mails that a route forwards (documentation.mailgun.com).

The fields come as a form, with or without files. The signature covers a time and a token, not the
mail itself. So the token is remembered, and only the first delivery with a token is taken. A
repetition comes up to 8 hours later, and the contract does not say whether its time is new, so the
window is 12 hours. A 406 would stop the repetitions, but is never needed.
"""

from collections.abc import Sequence
from datetime import timedelta

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import form_of, json_value, single_fields_of
from service.adapters.delivery import Delivery
from service.adapters.inbound_event import InboundEvent
from service.adapters.mail.inbound_mail import MAX_BYTES, events_in
from service.adapters.mail.message import Headers, Mail, listed
from service.adapters.normalise import identifier, text
from service.adapters.signatures import check_any, check_time, sign
from service.adapters.source import Source
from service.leads.errors import NotAuthentic, Unreadable

WINDOW_SECONDS = "43200"
MAX_DIGITS = 7
PROOF = ("timestamp", "token", "signature")


def _verify(delivery: Delivery, source: Source) -> None:
    proof = _proof(delivery)
    timestamp, token = proof.get("timestamp"), proof.get("token")
    if not timestamp or not token:
        raise NotAuthentic("The timestamp or the token is missing.")
    check_time(timestamp, delivery.received_at, _window(source))
    message = f"{timestamp}{token}".encode(errors="replace")
    expected = [
        sign(message, item, "sha256", "hex") for item in source.secret("signing_key") if item
    ]
    check_any(proof.get("signature"), expected, "signature")


def _proof(delivery: Delivery) -> dict[str, str]:
    """The signed fields and the signature; empty for fields that occur twice."""
    try:
        return single_fields_of(delivery, PROOF)
    except Unreadable:
        return {}


def _window(source: Source) -> timedelta:
    raw = source.options.get("window_seconds") or WINDOW_SECONDS
    is_number = raw.isascii() and raw.isdecimal() and len(raw) <= MAX_DIGITS
    return timedelta(seconds=int(raw if is_number else WINDOW_SECONDS))


def _once(delivery: Delivery, _source: Source) -> str | None:
    return identifier(_proof(delivery).get("token"))


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    form = form_of(delivery)
    sender = form.get("from") or form.get("sender")
    if not sender:
        raise Unreadable("The mail has no sender.")
    if "body-mime" in form:
        raise Unreadable("The mail is raw: give the route an address that does not end in mime.")
    count = text(form.get("attachment-count"), 4) or "0"
    mail = Mail(
        sender=sender,
        subject=form.get("subject"),
        headers=_headers(form.get("message-headers")),
        stripped=text(form.get("stripped-text")),
        signature=text(form.get("stripped-signature"), 1000),
        plain=form.get("body-plain"),
        html=form.get("stripped-html") or form.get("body-html"),
        to=form.get("recipient"),
        attachments=int(count) if count.isascii() and count.isdecimal() else 0,
        message_id=form.get("Message-Id"),
    )
    return events_in(mail, source, delivery)


def _headers(raw: str | None) -> Headers:
    found = json_value(raw) if raw else []
    pairs = found if isinstance(found, list) else []
    return listed((pair[0], pair[1]) for pair in pairs if isinstance(pair, list) and len(pair) == 2)


ADAPTER = Adapter(
    name="mailgun",
    title="Mailgun (inbound mail)",
    verify=_verify,
    read=_read,
    once=_once,
    secrets={"signing_key": Setting("The HTTP webhook signing key of the account.", True)},
    options={
        "window_seconds": Setting(
            "How old a signature may be; repetitions come up to 8 hours later.",
            default=WINDOW_SECONDS,
        )
    },
    max_bytes=MAX_BYTES,
)
