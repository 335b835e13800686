"""Reads cells of CSV, as people and spreadsheets write them, into the values of a lead.

A cell that is not understood is a mistake, or it stays unchanged and `LeadIn` refuses it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from service.leads.errors import InvalidRequest, MalformedBody
from service.strict_json import parse

# How Excel writes a number with more digits than it shows: the digits are lost.
ROUNDED = re.compile(r"^\d([.,]\d+)?[eE]\+\d+$")
RUSSIAN_TIME = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T,]+(\d{1,2}):(\d\d)(?::(\d\d))?)?$")
GUARDED = re.compile(r"^'+[=+\-@\t\r]")
FLAGS = {
    **dict.fromkeys(("да", "yes", "true", "истина", "1"), True),
    **dict.fromkeys(("нет", "no", "false", "ложь", "0"), False),
}
WORDS = {
    "визит": "walk_in", "офис": "walk_in",
    "телефон": "phone", "звонок": "phone",
    "чат": "site_chat", "сайт": "landing_form", "форма": "landing_form", "заказ": "site_order",
    "почта": "email", "e-mail": "email",
    "ватсап": "whatsapp", "вотсап": "whatsapp", "телеграм": "telegram", "телеграмм": "telegram",
    "вайбер": "viber", "вк": "vk", "вконтакте": "vk", "макс": "max",
    "регистрация": "registration", "задача": "crm_task",
}  # fmt: skip


CURRENCIES = {
    **dict.fromkeys(("₽", "руб", "р", "рубль", "рубли", "рублей"), "RUB"),
    **dict.fromkeys(("$", "доллар", "долл", "доллары"), "USD"),
    **dict.fromkeys(("€", "евро"), "EUR"),
    **dict.fromkeys(("₸", "тенге", "тг"), "KZT"),
    **dict.fromkeys(("₴", "гривна", "грн"), "UAH"),
    **dict.fromkeys(("бел. руб", "белорусский рубль"), "BYN"),
}


class WrongCell(ValueError):
    """A cell that is not understood, with the reason and the remedy."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


def text(cell: str, _zone: ZoneInfo) -> object:
    """A text, without the apostrophe that stops spreadsheets from reading it as a formula."""
    return cell[1:] if GUARDED.match(cell) else cell


def identifier(cell: str, zone: ZoneInfo) -> object:
    """An id or a phone; raises WrongCell for a number that a spreadsheet rounded."""
    if ROUNDED.match(cell):
        raise WrongCell("a spreadsheet rounded it", "Format the column as text; save it again.")
    return text(cell, zone)


def word(cell: str, _zone: ZoneInfo) -> object:
    """One of our words, or the usual Russian word for a channel."""
    raw = cell.casefold()
    return WORDS.get(raw, raw)


def amount(cell: str, _zone: ZoneInfo) -> object:
    """A sum or a quantity: `1 234,50 ₽` as well as `1,234.50`."""
    raw = re.sub(r"\s|₽$|руб\.?$", "", cell)
    if "," in raw and "." in raw:
        thousands = min(",", ".", key=raw.rindex)
        raw = raw.replace(thousands, "")
    return raw.replace(",", ".")


def currency(cell: str, _zone: ZoneInfo) -> object:
    """A currency by its code, or by its name in Russian tables."""
    return CURRENCIES.get(cell.casefold().rstrip("."), cell.upper())


def share(cell: str, _zone: ZoneInfo) -> object:
    """A number from 0 to 1; raises WrongCell."""
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        raise WrongCell("a number is expected", "Write it as 0,5 or 0.5.") from None


def flag(cell: str, _zone: ZoneInfo) -> object:
    """Yes or no; raises WrongCell."""
    try:
        return FLAGS[cell.casefold()]
    except KeyError:
        raise WrongCell("it is neither yes nor no", "Write да or нет, true or false.") from None


def moment(cell: str, zone: ZoneInfo) -> object:
    """A time: ISO 8601, or `21.11.2026 14:05`; in the queue's zone unless it has an offset.

    Raises WrongCell for any other text.
    """
    try:
        if found := RUSSIAN_TIME.match(cell):
            day, month, year, hour, minute, second = (int(group or 0) for group in found.groups())
            raw = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        else:
            raw = datetime.fromisoformat(cell)
    except ValueError:
        remedy = "Write it as 21.11.2026 14:05, or as 2026-11-21T14:05:00+03:00."
        raise WrongCell("it is no time", remedy) from None
    return (raw if raw.tzinfo else raw.replace(tzinfo=zone)).isoformat()


def json(cell: str, _zone: ZoneInfo) -> object:
    """A list or an object as JSON, as the export writes it; raises WrongCell."""
    try:
        raw: object = parse(cell.encode())
    except (MalformedBody, InvalidRequest):
        raw = None
    if not isinstance(raw, list | dict):
        raise WrongCell("it is no JSON list or object", "Write JSON, or use a column for each.")
    return raw


Cell = Callable[[str, ZoneInfo], object]
CELLS: Mapping[str, Cell] = {
    **{"channel": word, "kind": word, "intent": word},
    **{"queue": text, "source": text, "external_id": identifier, "text": text, "vin": text},
    **{"received_at": moment, "needed_by": moment, "live": flag, "paid": flag},
    **{"customer.external_id": identifier, "customer.phone": identifier},
    **{"customer.name": text, "customer.email": text, "customer.messengers": json},
    **{"item.name": text, "item.quantity": amount, "item.price": amount, "items": json},
    **{"currency": currency, "item.currency": currency},
    **{"budget": amount, "urgency": share, "attributes": json},
    **{"task.campaign": word, "task.operator": text},
    **{"task.opened_at": moment, "task.expires_at": moment},
}
