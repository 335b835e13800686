"""A mail in an inbox of Chatwoot, read like a mail from a mail service.

Chatwoot separates headers from words, and removes only quotations of English programs. Its contact
is its own guess of the writer. For forms of the site, in older versions, that is the shop itself.
"""

from collections.abc import Mapping
from typing import Any

from service.adapters.ignored import IgnoredReason
from service.adapters.mail.automatic import why_automatic
from service.adapters.mail.form_fields import fields_of_form, is_form
from service.adapters.mail.inbound_mail import client_of
from service.adapters.mail.message import Mail, listed
from service.adapters.mail.writers import MailWriter, writer_of
from service.adapters.normalise import email, identifier, text
from service.adapters.payload import part
from service.adapters.source import Source
from service.leads.customer import Customer

EMAIL = "Channel::Email"
NAMES = {"reply_to": "reply-to", "date": "date", "content_type": "content-type"}


def mail_in(message: dict[str, Any], contact: Mapping[str, Any]) -> Mail | None:
    """The mail of a message; None when it is no mail. Without a From, Chatwoot's contact counts."""
    fields = _about_mail(message)
    if not fields and part(message, "conversation").get("channel") != EMAIL:
        return None
    named = [(NAMES[field], _listed(fields.get(field))) for field in NAMES if fields.get(field)]
    return Mail(
        _listed(fields.get("from")) or text(contact.get("email")) or "",
        text(fields.get("subject")),
        listed([*named, *part(fields, "headers").items()]),
        plain=text(part(fields, "text_content").get("full")) or text(message.get("content")),
        to=_listed(fields.get("to")) or None,
    )


def why_no_clients(message: dict[str, Any], mail: Mail, source: Source) -> IgnoredReason | None:
    """Why a mail is automatic, by Chatwoot's mark of automatic answers and by our own checks."""
    if _about_mail(message).get("auto_reply") is True:
        return IgnoredReason.ABSENCE_NOTE
    writer = _writer(mail, source)
    return why_automatic(mail, names_a_client=writer.by_program and writer.address is not None)


def client_behind(mail: Mail, source: Source, contact: Mapping[str, Any]) -> Customer | None:
    """The client of a mail that the shop's form or a program sent; None for a person's own mail.

    Chatwoot's contact is that client only if it has the address that the mail names.
    """
    writer = _writer(mail, source)
    if not writer.by_program:
        return None
    is_theirs = writer.address is not None and email(contact.get("email")) == writer.address
    messengers = {"chatwoot": identifier(contact.get("id"))} if is_theirs else None
    return client_of(writer, fields_of_form(mail.words), mail.words, source, messengers)


def words_of(mail: Mail) -> str | None:
    """The subject, and the words above a quotation."""
    lines = (mail.subject, mail.words)
    return text("\n".join(line for line in lines if line))


def _writer(mail: Mail, source: Source) -> MailWriter:
    own = frozenset(item.removeprefix("email:") for item in source.own_marks)
    return writer_of(mail, own, is_form=is_form(fields_of_form(mail.words)))


def _about_mail(message: dict[str, Any]) -> dict[str, Any]:
    return part(message, "content_attributes", "email")


def _listed(raw: object) -> str:
    values = raw if isinstance(raw, list) else [raw]
    return ", ".join(item for value in values[:20] if (item := text(value, 500)))
