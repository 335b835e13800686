"""Writes leads as CSV that `csv_reading.py` can read.

A text that a spreadsheet would take for a formula gets an apostrophe, which the reader removes. A
telephone number is no formula and keeps its plus. Only for a spreadsheet it gets the apostrophe,
too, because a spreadsheet would round it.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

from service.leads.customer import Customer
from service.leads.lead import Item, Lead, Signal

FORMULA = re.compile(r"^'*[=+\-@\t\r]")
PHONE = re.compile(r"^\+\d{5,15}$")
BOM = "\ufeff"
COLUMNS = (
    *("id", "state", "queue", "kind", "channel", "source", "external_id", "received_at", "live"),
    *("customer.external_id", "customer.name", "customer.phone", "customer.email"),
    *(
        "customer.messengers",
        "text",
        "item.name",
        "item.quantity",
        "item.price",
        "item.currency",
        "items",
    ),
    *("budget", "currency", "urgency", "needed_by", "vin", "intent", "paid", "attributes"),
    *("task.campaign", "task.operator", "task.opened_at", "task.expires_at"),
    *("asked_at", "stage", "score", "claim.operator", "parked_until", "outcome", "reason"),
    *("amount", "note", "created_at", "settled_at", "settled_by"),
)
NOBODY = Customer()


class CsvWriter:
    """Writes leads as CSV for programs, or for a Russian Excel.

    For Excel it has the mark of UTF-8, semicolons, and decimal commas.
    """

    def __init__(self, *, excel: bool) -> None:
        self._excel = excel

    def header(self) -> bytes:
        """The first line."""
        return ((BOM if self._excel else "") + self._lines([COLUMNS])).encode()

    def rows(self, leads: Iterable[Lead]) -> bytes:
        """A row for each lead."""
        return self._lines(
            [self._cell(value) for value in _values(lead)] for lead in leads
        ).encode()

    def _lines(self, rows: Iterable[Iterable[str]]) -> str:
        written = io.StringIO()
        csv.writer(written, delimiter=";" if self._excel else ",").writerows(rows)
        return written.getvalue()

    def _cell(self, value: object) -> str:
        match value:
            case None:
                return ""
            case bool():
                return "true" if value else "false"
            case Decimal():
                return f"{value:f}".replace(".", "," if self._excel else ".")
            case float():
                return repr(value).replace(".", "," if self._excel else ".")
            case datetime():
                return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
            case list() | dict():
                return orjson.dumps(value, default=str).decode()
        raw = str(value)
        is_bare_phone = not self._excel and PHONE.match(raw)
        return f"'{raw}" if FORMULA.match(raw) and not is_bare_phone else raw


def _values(lead: Lead) -> Iterable[object]:
    signal, customer, task = lead.signal, lead.signal.customer or NOBODY, lead.signal.task
    ranking, one = lead.ranking, signal.items[0] if len(signal.items) == 1 else None
    return (
        *(lead.id, lead.state, signal.queue, ranking.kind, signal.channel, signal.source),
        *(signal.external_id, signal.received_at, signal.live),
        *(customer.external_id, customer.name, customer.phone, customer.email),
        *(_object(customer.messengers), signal.text),
        *((one.name, one.quantity, one.price, one.currency) if one else (None,) * 4),
        None if one else _items(signal),
        *(
            signal.budget,
            signal.currency,
            signal.urgency,
            signal.needed_by,
            signal.vin,
            ranking.intent,
        ),
        *(signal.paid, _object(signal.attributes)),
        *((task.campaign, task.operator) if task else (None, None)),
        *((task.opened_at, task.expires_at) if task else (None, None)),
        *(lead.situation.asked_at, ranking.stage, ranking.score),
        *(lead.claim and lead.claim.operator, lead.parked_until, lead.outcome, lead.reason),
        *(lead.amount, lead.note, lead.created_at, lead.settled_at, lead.settled_by),
    )


def _object(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(value) if value else None


def _items(signal: Signal) -> list[dict[str, Any]] | None:
    return [_item(item) for item in signal.items] or None


def _item(item: Item) -> dict[str, Any]:
    names = ("name", "quantity", "price", "currency")
    raw = {name: getattr(item, name) for name in names}
    return {name: value for name, value in raw.items() if value is not None}
