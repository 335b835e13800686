"""A client's mail, as the mail services hand it over.

Mail is a request from the site (A17). What machines send by themselves is none: out-of-office
notes, newsletters, bounces. The client is who the mail is from; an address that nobody reads,
such as that of a form's mailer, is nobody's, and the one to reply to counts then. His telephone
number is sought in his own words, never in what he quotes: those may be ours.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.header import decode_header, make_header
from email.parser import HeaderParser
from email.utils import parseaddr, parsedate_to_datetime

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.mail.own_words import own_words
from service.adapters.markup import words_of_html
from service.adapters.normalise import (
    MAX_NAME,
    customer,
    email,
    name,
    phone_in_words,
    signal,
    text,
)
from service.adapters.payload import enclosed, facts
from service.adapters.source import Source
from service.leads.lead import Channel

MAX_BYTES = 12 * 1024 * 1024  # with photographs of parts and of car papers
LONGEST_HEADER = 1000
LONGEST_ADDRESS = 500
MAX_BRACKETS = 20
MAX_HEADERS = 200
LONGEST_WAY = timedelta(days=5)  # so long mail services try
BULK = ("bulk", "junk", "list", "auto_reply")
BY_MACHINES = ("x-auto-response-suppress", "x-autoreply", "x-autorespond", "list-id")
MACHINES = ("mailer-daemon", "postmaster")
UNREAD = ("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "wordpress")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; names of headers are lower case, `sender` is the text of its From.

    `stripped` is the client's text without quotations, where the service finds it; `signature`
    what stood below it.
    """

    sender: str
    subject: str | None
    headers: Headers
    stripped: str | None = None
    signature: str | None = None
    plain: str | None = None
    html: str | None = None
    to: str | None = None
    attachments: int = 0
    message_id: str | None = None

    def header(self, wanted: str) -> str | None:
        """The value of the first header of a name."""
        return next((value for existing, value in self.headers if existing == wanted), None)

    @property
    def words(self) -> str:
        """The client's own words; empty when he wrote none."""
        if self.stripped:
            parts = (item.replace("\r\n", "\n") for item in (self.stripped, self.signature) if item)
            return "\n".join(parts)
        return own_words(self.plain or words_of_html(self.html or ""))


def events_in(mail: Mail, source: Source, delivery: Delivery) -> Sequence[InboundEvent]:
    """The word of who wrote a mail; nothing when a machine sent it by itself."""
    sender = sender_of(mail.sender)
    if _is_automatic(mail, sender[1]):
        return []
    if _is_unread(sender[1]):
        sender = sender_of(mail.header("reply-to") or "")
    subject, words = decoded(mail.subject or ""), mail.words
    written = signal(
        source,
        delivery,
        Channel.EMAIL,
        _id_of(mail),
        at=_sent_at(mail, delivery.received_at),
        customer=customer(
            typed_name=name(sender[0]),
            typed_phone=phone_in_words(words, source.region),
            typed_email=None if _is_unread(sender[1]) else email(sender[1]),
        ),
        text=text("\n".join(item for item in (subject, words) if item))
        or enclosed("attachment" if mail.attachments else "mail"),
        attributes=facts(
            {
                "subject": subject,
                "to": text(mail.to),
                "attachments": str(mail.attachments) if mail.attachments else None,
            }
        ),
    )
    return [ClientMessage(written)]


def decoded(raw: str) -> str:
    """A header's text with its encoded words read; as it was where they cannot be read."""
    raw = raw[:LONGEST_HEADER]
    try:
        return str(make_header(decode_header(raw)))
    except (MessageError, LookupError, ValueError):
        return raw


def sender_of(raw: str) -> tuple[str | None, str]:
    """The name and the address in a From; the address is empty when there is none."""
    plain = raw.strip()[-LONGEST_ADDRESS:]
    if plain.count("(") > MAX_BRACKETS:  # comments are nested, and their parser is recursive
        return None, ""
    called, address = parseaddr(plain)  # before decoding: an encoded word is no address
    return name(decoded(called)), address.lower()


def headers_in(raw: str) -> Headers:
    """The headers of a mail from their raw text, folded ones unfolded."""
    return listed(HeaderParser().parsestr(raw).items())


def listed(found: Iterable[tuple[object, object]]) -> Headers:
    """Headers by their names in lower case, the first 200 of them."""
    pairs = [(str(existing).lower(), " ".join(str(value).split())) for existing, value in found]
    return tuple(pairs[:MAX_HEADERS])


def _is_automatic(mail: Mail, address: str) -> bool:
    submitted = (mail.header("auto-submitted") or "no").split(";")[0].strip().lower()
    return (
        submitted != "no"
        or (mail.header("precedence") or "").strip().lower() in BULK
        or any(mail.header(item) is not None for item in BY_MACHINES)
        or mail.header("return-path") == "<>"
        or address.partition("@")[0] in MACHINES
    )


def _is_unread(address: str) -> bool:
    return address.startswith(UNREAD)


def _id_of(mail: Mail) -> str:
    """The id of a mail: its Message-ID, a digest of it when it is long, else of the mail."""
    raw = (mail.message_id or mail.header("message-id") or "").strip().strip("<>").strip()
    whole = "\n".join(str(item) for item in (mail.sender, mail.header("date"), mail.subject, raw))
    if raw and len(raw) + len("mail:") <= MAX_NAME:
        return f"mail:{text(raw)}"
    content = f"{whole}\n{mail.words}".encode(errors="replace")
    return f"digest:{hashlib.sha256(content).hexdigest()}"


def _sent_at(mail: Mail, received_at: datetime) -> datetime | None:
    """When it was sent, by its Date; not when that says more than mail can be on its way."""
    try:
        sent_at = parsedate_to_datetime((mail.header("date") or "")[:100])
        sent_at = sent_at.astimezone(UTC) if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return sent_at if received_at - LONGEST_WAY <= sent_at <= received_at else None
