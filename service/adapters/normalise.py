"""Normalises senders' values: bounded texts, UTC times, E.164 phones, money.

A wrong value is left out, not refused: a client with a broken e-mail address is still a client.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse
from phonenumbers import is_possible_number as is_possible

from service.adapters.delivery import Delivery
from service.adapters.mail.own_words import own_words
from service.adapters.renumbered import as_dialled_now
from service.adapters.source import Source
from service.adapters.starts import start_in
from service.leads.customer import (
    MAX_MENTIONED,
    MAX_PHONES,
    Customer,
    Mention,
    MentionedIn,
)
from service.leads.lead import HIGHEST_MONEY, Channel, Signal
from service.text.currencies import present_code
from service.text.mentions import mentions_in
from service.text.phone_fields import read_phone_field, region_of
from service.text.recognition import recognise

MAX_TEXT = 8000
MAX_NAME = 200
MAX_PHONE = 40
FEWEST_DIGITS = 5
ENTITY = re.compile(r"&#\d{2,7};")
# characters that show nothing: blanks without width, fillers, marks of direction and of variants
INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)
SIGN = re.compile(r"[^\W_]")
MAX_EMAIL = 254
EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]{1,189}\.[^@\s.]{1,63}$")
CENT = Decimal("0.01")
CODE = re.compile("[A-Z]{3}")
NO_CURRENCY = "XXX"
CURRENCIES = {
    **dict.fromkeys(("₽", "руб", "р", "рубль", "рубли", "рублей", "643"), "RUB"),
    **dict.fromkeys(("$", "доллар", "доллары", "долл", "840"), "USD"),
    **dict.fromkeys(("€", "евро", "978"), "EUR"),
    **dict.fromkeys(("₸", "тенге", "тг", "398"), "KZT"),
    **dict.fromkeys(("₴", "грн", "гривна", "гривні", "980"), "UAH"),
    **dict.fromkeys(("br", "бел. руб", "933"), "BYN"),
}
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def text(value: object, limit: int = MAX_TEXT) -> str | None:
    """The beginning of a text, without outer blanks and NULs; None when nothing of it is seen.

    Browsers write `&#1178;` for a character that the charset of their page lacks; it is decoded.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    plain = str(value)
    if "&#" in plain:
        plain = ENTITY.sub(lambda found: html.unescape(found[0]), plain)
    plain = plain.replace("\0", "").encode(errors="replace").decode().strip()
    plain = plain[:limit].strip()
    return None if INVISIBLE.fullmatch(plain) else plain


def name(*parts: object) -> str | None:
    """A name of one or several parts, without blank parts."""
    words = [word for part in parts if (word := text(part, MAX_NAME))]
    return text(" ".join(words), MAX_NAME)


def identifier(value: object) -> str | None:
    """An id, given as a text or a number; None when it is too long."""
    plain = text(value, MAX_NAME + 1)
    return plain if plain is not None and len(plain) <= MAX_NAME else None


def phone(value: object, region: str, *, international: bool = False) -> str | None:
    """A telephone number in E.164; None for any other value, for example a SIP address.

    `international` numbers have their country code without a plus. One that is impossible so is
    read as the region dials it: some exchanges tell `89001234567`.
    """
    raw = text(value, 64)
    if raw is None or raw.lower().startswith("sip:"):
        return None
    raw = raw.removeprefix("tel:")
    if international and not raw.startswith("+"):
        return phone(as_dialled_now(f"+{raw}"), region) or phone(raw, region)
    try:
        number = parse(raw, region)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_possible(number) else None


@dataclass(frozen=True, slots=True)
class ContactPhones:
    """A client's telephone fields: the numbers, and the other text typed there.

    If there is no valid number, the first typed text with enough digits counts as the number.
    """

    phones: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def first(self) -> str | None:
        """The number to call."""
        return self.phones[0] if self.phones else None

    @property
    def others(self) -> tuple[str, ...]:
        """The further numbers."""
        return self.phones[1:]

    def beside(self, words: str | None) -> str | None:
        """A text, and a line for each field that has more than its numbers."""
        return text("\n".join(item for item in (words, *self.left) if item))


def contact_phones(*values: object, region: str, country: object) -> ContactPhones:
    """The numbers in telephone fields.

    Without a country code they belong to the country that the order or form names, else to the
    region.
    """
    typed = dict.fromkeys(item for value in values if (item := text(value, MAX_NAME)))
    read = {item: read_phone_field(item, region_of(country, region)) for item in typed}
    phones = tuple(dict.fromkeys(found for item in read.values() for found in item.phones))
    left = tuple(item.left for item in read.values() if item.left and SIGN.search(item.left))
    if not phones:
        wrong = next((item for item in left if _is_nearly_a_number(item)), None)
        others = tuple(item for item in left if item != wrong)
        return ContactPhones((wrong,) if wrong else (), others)
    return ContactPhones(phones[:MAX_PHONES], left)


def _is_nearly_a_number(typed: str) -> bool:
    return len(typed) <= MAX_PHONE and sum(map(str.isdigit, typed)) >= FEWEST_DIGITS


def whatsapp_phone(client: str, region: str) -> str | None:
    """The number in a client's id; None when the id hides it, as `…@lid` does."""
    digits, at, server = client.partition("@")
    is_number = digits.isascii() and digits.isdecimal()
    is_named = server in ("c.us", "s.whatsapp.net") or not at
    return phone(digits, region, international=True) if is_number and is_named else None


def phone_in_words(words: str | None, region: str) -> str | None:
    """The telephone number in a text if it has exactly one. It is a mention, no mark."""
    phones = recognise(words, region, None).phones if words else ()
    return phones[0] if len(phones) == 1 else None


def mentions(
    words: str | None, region: str, found_in: MentionedIn = MentionedIn.TEXT
) -> tuple[Mention, ...]:
    """Numbers and addresses in words outside of the signal's text; intake reads the text itself."""
    return mentions_in(words, region, found_in) if words else ()


def email(value: object) -> str | None:
    """An e-mail address in lower case; None for any other value."""
    raw = text(value, MAX_EMAIL + 1)
    return raw.lower() if raw and len(raw) <= MAX_EMAIL and EMAIL.match(raw) else None


def money(value: object) -> Decimal | None:
    """An amount in any currency, also with a decimal comma; None for any other value."""
    raw = text(value, 40)
    if raw is None:
        return None
    try:
        amount = Decimal(re.sub(r"[\s\u00a0\u202f]", "", raw).replace(",", "."))
        return amount.quantize(CENT) if 0 <= amount <= HIGHEST_MONEY else None
    except InvalidOperation:
        return None


def currency(value: object) -> str | None:
    """The ISO code of a currency; `XXX` (no currency) for a name that is not known."""
    raw = text(value, 40)
    if raw is None:
        return None
    plain = raw.upper().rstrip(".")
    if CODE.fullmatch(plain):
        return present_code(plain)
    return CURRENCIES.get(raw.lower().rstrip("."), NO_CURRENCY)


def quantity(value: object) -> Decimal:
    """A number of pieces; 1 for any other value."""
    raw = text(value, 20)
    try:
        pieces = Decimal((raw or "1").replace(",", "."))
        return (
            pieces.quantize(Decimal("0.001")).normalize() + 0
            if 0 < pieces <= 100_000
            else (Decimal(1))
        )
    except InvalidOperation:
        return Decimal(1)


def unix_time(value: object, unit: timedelta = timedelta(seconds=1)) -> datetime | None:
    """The time of a count of units since 1970, given as a number or a text."""
    raw = text(value, 30)
    if raw is None or not raw.isdecimal() or not raw.isascii():
        return None
    try:
        return _of_our_age(datetime(1970, 1, 1, tzinfo=UTC) + int(raw) * unit)
    except OverflowError:
        return None


def iso_time(value: object, zone: str) -> datetime | None:
    """The time of an ISO 8601 text. Without an offset it is in the zone."""
    raw = text(value, 40)
    if raw is None:
        return None
    try:
        moment = datetime.fromisoformat(raw)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return _of_our_age(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _of_our_age(moment: datetime) -> datetime | None:
    return moment if moment >= EARLIEST else None


def customer(
    *,
    typed_name: str | None = None,
    typed_phone: str | None = None,
    typed_email: str | None = None,
    messengers: Mapping[str, str | None] | None = None,
    external_id: str | None = None,
    network_phone: str | None = None,
    further_phones: Iterable[str] = (),
    mentioned: Iterable[Mention] = (),
) -> Customer | None:
    """The client as far as anything is known of them; None when nothing is known.

    All arguments except the names and `mentioned` are the client's own marks (docs/marks.md).
    `network_phone` is the number that the telephone or messenger network gave (strength 1).
    `typed_phone` and `further_phones` come from contact fields (2). `typed_email` is a contact
    field or the sender of a mail (3). Contacts in the signal's text are never given here, because
    intake finds them.
    """
    given = (network_phone, typed_phone, *further_phones)
    phones = tuple(dict.fromkeys(item for item in given if item))[:MAX_PHONES]
    found = Customer(
        external_id=external_id,
        name=typed_name,
        phone=phones[0] if phones else None,
        email=typed_email,
        messengers={name: client for name, client in (messengers or {}).items() if client} or None,
        phones=phones[1:],
        network_phones=(network_phone,) if network_phone else (),
        mentioned=tuple(mentioned)[:MAX_MENTIONED],
    )
    return None if found == Customer() else found


def signal(
    source: Source,
    delivery: Delivery,
    channel: Channel,
    external_id: str,
    *,
    at: datetime | None = None,
    **more: Any,
) -> Signal:
    """A signal of a source. Its time is the sender's, but never later than its arrival here.

    A press on a bot's "Start" is a registration, whichever sender brings it.
    """
    received_at = min(at or delivery.received_at, delivery.received_at)
    if channel is not Channel.EMAIL and (word := start_in(more.get("text"))) is not None:
        channel, known = Channel.REGISTRATION, more.get("attributes") or {}
        more |= {"text": None, "kind": None}
        more["attributes"] = {**known, **({"start": word} if word else {})} or None
    fields: dict[str, Any] = {
        "queue": source.queue,
        "channel": channel,
        "received_at": received_at,
        "source": source.name,
        "external_id": external_id,
    }
    written = more.get("text")
    if channel is Channel.EMAIL and written:  # a mail is read as a mail, whichever sender brings it
        more["text"] = text(own_words(written)) or "[mail]"
    if more.get("currency") is None and source.places.currency is not None:
        more["currency"] = source.places.currency
    return Signal(**{**fields, **more})
