"""A client's mail, as the mail services deliver it.

A mail is a request from the site (A17). Automatic mail is ignored, with its reason. The client is
the sender. If the sender is the shop itself or a program, as with forms of the site, the client is
the person to answer. A labelled line of a form ("Тел: …") is a contact field. Any other number is
only mentioned, because written, quoted and signed text may hold the shop's own numbers.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from service.adapters.delivery import Delivery
from service.adapters.ignored import ignored
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.mail.automatic import why_automatic
from service.adapters.mail.form_fields import fields_of_form, is_form
from service.adapters.mail.message import Mail, decoded
from service.adapters.mail.writers import MailWriter, writer_of
from service.adapters.normalise import (
    MAX_NAME,
    customer,
    email,
    name,
    signal,
    text,
)
from service.adapters.payload import enclosed, facts
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel
from service.text.mentions import labelled_phones
from service.text.phone_fields import read_phone_field

MAX_BYTES = 12 * 1024 * 1024  # room for photographs of parts and car papers
LONGEST_WAY = timedelta(days=5)  # how long mail services retry


def events_in(mail: Mail, source: Source, delivery: Delivery) -> Sequence[InboundEvent]:
    """The message of a mail's writer; an ignored event when the mail is automatic."""
    own = frozenset(item.removeprefix("email:") for item in source.own_marks)
    words = mail.words
    lines = fields_of_form(words)
    writer = writer_of(mail, own, is_form=is_form(lines))
    fields = lines if writer.by_program else {}
    names_a_client = writer.address is not None or bool({"phone", "email"} & {*fields})
    is_named = writer.by_program and names_a_client
    if (reason := why_automatic(mail, names_a_client=is_named)) is not None:
        return ignored(reason)
    subject = decoded(mail.subject or "")
    written = signal(
        source,
        delivery,
        Channel.EMAIL,
        _id_of(mail),
        at=_sent_at(mail, delivery.received_at),
        customer=client_of(writer, fields, words, source),
        text=text("\n".join(item for item in (subject, words) if item))
        or enclosed("attachment" if mail.attachments else "mail"),
        attributes=facts(
            {
                "subject": subject,
                "from": text(mail.sender) if writer.address is None else None,
                "to": text(mail.to),
                "attachments": str(mail.attachments) if mail.attachments else None,
            }
        ),
    )
    return [ClientMessage(written)]


def client_of(
    writer: MailWriter,
    fields: Mapping[str, str],
    words: str,
    source: Source,
    messengers: Mapping[str, str | None] | None = None,
) -> Customer | None:
    """The client of a mail. Contacts that a form wrote into the mail are the client's own."""
    phones = read_phone_field(fields.get("phone", ""), source.region).phones
    if writer.by_program:
        phones = phones or labelled_phones(words, source.region)
    return customer(
        typed_name=writer.name or name(fields.get("name")),
        typed_phone=next(iter(phones), None),
        further_phones=phones[1:],
        typed_email=writer.address or email(fields.get("email")),
        messengers=messengers,
    )


def _id_of(mail: Mail) -> str:
    """The id of a mail: its Message-ID, or a digest when that is too long or missing."""
    raw = (mail.message_id or mail.header("message-id") or "").strip().strip("<>").strip()
    whole = "\n".join(str(item) for item in (mail.sender, mail.header("date"), mail.subject, raw))
    if raw and len(raw) + len("mail:") <= MAX_NAME:
        return f"mail:{text(raw)}"
    content = f"{whole}\n{mail.words}".encode(errors="replace")
    return f"digest:{hashlib.sha256(content).hexdigest()}"


def _sent_at(mail: Mail, received_at: datetime) -> datetime | None:
    """When a mail was sent, by its Date; None when the Date is not believable."""
    try:
        sent_at = parsedate_to_datetime((mail.header("date") or "")[:100])
        sent_at = sent_at.astimezone(UTC) if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return sent_at if received_at - LONGEST_WAY <= sent_at <= received_at else None
