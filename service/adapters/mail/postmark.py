"""Postmark: mails of an inbound stream (postmarkapp.com/developer).

The body is JSON without a signature. The proof is a name and a password in the address, which
arrive as HTTP Basic. A delivery not answered with 200 is repeated ten times in about 10.5 hours; a
403 stops that. A repetition is recognised by its MessageID.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import InboundEvent
from service.adapters.mail.inbound_mail import MAX_BYTES, events_in
from service.adapters.mail.message import Headers, Mail, listed
from service.adapters.normalise import name, text
from service.adapters.payload import part, parts
from service.adapters.signatures import check_basic
from service.adapters.source import Source
from service.leads.errors import FieldMistake, Unreadable

MAX_WORDS = 100_000
QUOTES = re.compile(r'["\\]')


def _verify(delivery: Delivery, source: Source) -> None:
    check_basic(delivery, source.secret("password"))


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    body = json_object(delivery)
    if sort := text(body.get("RecordType"), 40):  # what became of mails that we sent
        return ignored(IgnoredReason.STATUS, sort)
    mail = Mail(
        sender=_sender(body),
        subject=text(body.get("Subject")),
        headers=_headers(body),
        stripped=text(body.get("StrippedTextReply")),
        plain=text(body.get("TextBody"), MAX_WORDS),
        html=text(body.get("HtmlBody"), MAX_WORDS),
        to=text(body.get("OriginalRecipient")) or text(body.get("To")),
        attachments=len(parts(body, "Attachments")),
        message_id=text(body.get("MessageID")),
    )
    return events_in(mail, source, delivery)


def _sender(body: dict[str, Any]) -> str:
    full = part(body, "FromFull")
    address = text(full.get("Email")) or text(body.get("From"))
    if address is None:
        raise Unreadable("The mail has no sender.")
    called = name(full.get("Name")) or name(body.get("FromName"))
    if called is None or "<" in address:
        return address
    return f'"{QUOTES.sub("", called)}" <{address}>'


def _headers(body: dict[str, Any]) -> Headers:
    beside = (("reply-to", body.get("ReplyTo")), ("date", body.get("Date")), ("to", body.get("To")))
    named = [(item.get("Name"), item.get("Value")) for item in parts(body, "Headers")]
    return listed([(existing, raw) for existing, raw in beside if text(raw)] + named)


def _check_secrets(secrets: Mapping[str, str]) -> Sequence[FieldMistake]:
    raw = secrets.get("password")
    if raw is None or all(raw.partition(":")):
        return ()
    remedy = "Send it as name:password, as it stands in the address before the @."
    return (FieldMistake("password", "it is no name and password", remedy),)


ADAPTER = Adapter(
    name="postmark",
    title="Postmark (inbound mail)",
    verify=_verify,
    read=_read,
    check_secrets=_check_secrets,
    secrets={"password": Setting("The name and password in the address, as name:password.", True)},
    max_bytes=MAX_BYTES,
)
