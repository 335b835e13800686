"""Tilda: forms and carts of small shops' sites (help-ru.tilda.cc).

The site's owner names the fields, so common Russian and English names give their meaning. Any other
field becomes a line of the client's text. A form with `payment` is an order; its articles are
objects or texts like `Brake pads=1000`. A form with a VIN is a VIN request (A17). An order is paid
when the payment system's transaction has a number.

Nothing is signed. The address is secret. A source may also have an API key, in a header or a field
of a chosen name. A delivery not answered within 5 seconds is sent twice more, a minute apart, under
one `tranid`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_value, nested_form_of, pairs_of
from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.normalise import (
    ContactPhones,
    contact_phones,
    currency,
    customer,
    email,
    identifier,
    money,
    name,
    quantity,
    signal,
    text,
)
from service.adapters.payload import facts, part
from service.adapters.shops.goods import article, articles, vin
from service.adapters.signatures import check_token
from service.adapters.source import Source
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Item

DEFAULT_KEY_NAME = "api_key"
MAX_BYTES_OF_A_TEST = 1024
NAMES_OF_FIELDS: Mapping[str, Sequence[str]] = {
    "phone": (
        *("phone", "tel", "telephone", "mobile", "phone number", "your phone", "whatsapp"),
        *("телефон", "тел", "номер телефона", "ваш телефон", "контактный телефон", "мобильный"),
    ),
    "name": ("name", "your name", "first name", "имя", "ваше имя", "фио", "ф и о", "как вас зовут"),
    "surname": ("surname", "last name", "фамилия"),
    "email": (
        *("email", "e mail", "mail", "your email"),
        *("почта", "электронная почта", "ваша почта", "эл почта", "имейл"),
    ),
    "vin": (
        *("vin", "vin code", "vin number", "vincode", "вин", "вин код", "вин номер"),
        *("vin код", "vin номер", "номер vin", "номер кузова", "vin или номер кузова"),
    ),
    "words": (
        *("comment", "comments", "message", "your message", "question", "textarea", "text"),
        *("комментарий", "комментарии", "сообщение", "ваше сообщение", "вопрос", "ваш вопрос"),
    ),
}
MEANINGS = {existing: meaning for meaning, names in NAMES_OF_FIELDS.items() for existing in names}
COUNTRY = ("country", "страна", "delivery_country")
ABOUT = {"formid": "form", "formname": "form_name", "referer": "page"}
LEFT_OUT = ("cookies", "tranid", "tildaspec-cookie", "tildaspec-referer")
NOTHING_PAID = (None, "", "0", 0)


def _key_name(source: Source) -> str:
    return source.options.get("api_key_name") or DEFAULT_KEY_NAME


def _greet(delivery: Delivery, source: Source) -> Reply | None:
    if len(delivery.body) > MAX_BYTES_OF_A_TEST or b"test=test" not in delivery.body:
        return None
    try:
        fields = dict(pairs_of(delivery))
    except Unreadable:
        return None
    fields.pop(_key_name(source), None)
    return Reply(body=b"ok") if fields == {"test": "test"} else None


def _verify(delivery: Delivery, source: Source) -> None:
    keys = source.secret("api_key")
    if not keys:
        return
    key_name = _key_name(source)
    raw = delivery.header(key_name.lower())
    try:
        fields = (
            [] if raw else [value for existing, value in pairs_of(delivery) if existing == key_name]
        )
    except Unreadable:
        raise NotAuthentic("The API key is missing.") from None
    check_token(raw or (fields[0] if len(fields) == 1 else None), keys, "API key")


@dataclass(slots=True)
class _Form:
    """A filled-in form: fields with a meaning, the client's words, and other facts."""

    reported: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    about: dict[str, object] = field(default_factory=dict)
    phones: ContactPhones = field(default_factory=ContactPhones)

    @property
    def text(self) -> str | None:
        """The client's words, and a line for each field without a meaning."""
        return text("\n".join([*self.words, *self.lines]))


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    pairs = [pair for pair in pairs_of(delivery) if pair[0] != _key_name(source)]
    payment = _payment(delivery, pairs)
    form = _filled_in(pairs, source, is_order=payment is not None)
    if not (form.reported or form.text or payment):
        raise Unreadable("The form has no field that is filled in.")
    asked = signal(
        source,
        delivery,
        _channel(form, payment),
        _id_of(delivery, pairs),
        customer=customer(
            typed_name=name(form.reported.get("name"), form.reported.get("surname")),
            typed_phone=form.phones.first,
            further_phones=form.phones.others,
            typed_email=form.reported.get("email"),
        ),
        text=form.text,
        items=articles(_article(item) for item in _listed((payment or {}).get("products"))),
        budget=money((payment or {}).get("amount")),
        currency=currency((payment or {}).get("currency")),
        vin=form.reported.get("vin"),
        paid=(payment or {}).get("systranid") not in NOTHING_PAID,
        attributes=facts({**form.about, **_about(payment or {})}),
    )
    return [ClientMessage(asked)]


def _filled_in(pairs: Iterable[tuple[str, str]], source: Source, *, is_order: bool) -> _Form:
    """Sort the fields of a form. A field with an impossible value stays a line of the text."""
    pairs, form = [*pairs], _Form()
    countries = (raw for label, raw in pairs if label.strip().lower() in COUNTRY)
    country = next(countries, None)
    readers: Mapping[str, Callable[[str], str | None]] = {
        "email": email,
        "vin": vin,
        "name": name,
        "surname": name,
    }
    for label, raw in pairs:
        value, plain = text(raw), label.lower()
        if value is None or plain in LEFT_OUT or (is_order and plain.startswith("payment")):
            continue
        meaning = _meaning(label)
        if plain in ABOUT or plain.startswith("utm_"):
            form.about[ABOUT.get(plain, plain)] = value
        elif meaning == "words":
            form.words.append(value)
        elif meaning == "phone":
            _add_phone(form, label, contact_phones(value, region=source.region, country=country))
        elif meaning and meaning not in form.reported and (found := readers[meaning](value)):
            form.reported[meaning] = found
        else:
            form.lines.append(f"{text(label, 100) or '?'}: {value}")
    return form


def _add_phone(form: _Form, label: str, read: ContactPhones) -> None:
    """Add the numbers of another telephone field. Other text in it becomes a line."""
    form.lines += (f"{text(label, 100) or '?'}: {line}" for line in read.left)
    exist = [item for item in (*form.phones.phones, *read.phones) if item.startswith("+")]
    form.phones = ContactPhones(tuple(dict.fromkeys(exist)) or form.phones.phones or read.phones)
    if read.first not in (None, *form.phones.phones):
        form.lines.append(f"{text(label, 100) or '?'}: {read.first}")
    form.reported.update({"phone": form.phones.first} if form.phones.first else {})


def _meaning(label: str) -> str | None:
    """The meaning of a field, by its name without punctuation and without a number at its end."""
    plain = re.sub(r"[\W_]+", " ", label[:100].lower().replace("ё", "е")).strip()
    return MEANINGS.get(plain) or MEANINGS.get(plain.rstrip("0123456789").strip())


def _payment(delivery: Delivery, pairs: Iterable[tuple[str, str]]) -> Mapping[str, Any] | None:
    for label, raw in pairs:
        if label == "payment" and raw.lstrip().startswith("{"):
            paid = json_value(raw)
            return paid if isinstance(paid, dict) else None
        if label.startswith("payment["):
            nested = nested_form_of(delivery).get("payment")
            return nested if isinstance(nested, dict) else None
    return None


def _listed(raw: object) -> list[Any]:
    if isinstance(raw, dict):
        return list(raw.values())
    return raw if isinstance(raw, list) else []


def _article(raw: object) -> Item | None:
    if isinstance(raw, dict):
        chosen = [item.get("variant") for item in _listed(raw.get("options")) if part(item)]
        return article(name(raw.get("name"), *chosen), raw.get("quantity"), raw.get("price"))
    written = text(raw, 500) or ""
    called, _, amount = written.replace("≡", "=").rpartition("=")
    total = money(amount)
    if total is None or not called:
        return article(written, 1, None)
    plain, times, pieces = called.strip().rpartition(" x ")
    if not times or not pieces.strip().isdecimal():
        return article(called, 1, total)
    return article(plain, pieces, total / quantity(pieces))


def _about(payment: Mapping[str, Any]) -> dict[str, object]:
    return {
        "order": payment.get("orderid"),
        "payment": payment.get("sys"),
        "delivery": payment.get("delivery"),
        "delivery_city": payment.get("delivery_city"),
        "delivery_address": payment.get("delivery_address"),
        "promocode": payment.get("promocode"),
    }


def _channel(form: _Form, payment: Mapping[str, Any] | None) -> Channel:
    if payment is not None:
        return Channel.SITE_ORDER
    return Channel.VIN_REQUEST if "vin" in form.reported else Channel.LANDING_FORM


def _id_of(delivery: Delivery, pairs: Iterable[tuple[str, str]]) -> str:
    """The id of a form: its `tranid`, else a digest of the body, which repetitions share."""
    tranid = identifier(dict(pairs).get("tranid"))
    if tranid and (whole := identifier(f"form:{tranid}")):
        return whole
    return f"digest:{hashlib.sha256(delivery.body).hexdigest()}"


ADAPTER = Adapter(
    name="tilda",
    title="Tilda",
    verify=_verify,
    read=_read,
    greet=_greet,
    secrets={"api_key": Setting("The API key set at the webhook in Tilda, if there is one.")},
    options={
        "api_key_name": Setting(
            "The name of the header or field that has the API key.", default=DEFAULT_KEY_NAME
        )
    },
    secret_address=True,
)
