"""The columns of CSV: our dotted names, and usual Russian and English names for them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.interchange.csv_cells import CELLS, Cell, identifier, text
from service.leads.errors import FieldMistake, InvalidRequest

Unknown = Literal["refuse", "attributes"]

MAX_COLUMNS = 200
OPEN = {"customer.messengers.": identifier, "attributes.": text}
# Columns of an export that no sender may set. Only an export has all three marks.
MARKS = {"id", "state", "score"}
DECIDED_HERE = (
    *("id", "state", "asked_at", "stage", "score", "claim.operator", "parked_until", "outcome"),
    *("reason", "amount", "note", "created_at", "settled_at", "settled_by"),
)
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "channel": ("канал",),
    "kind": ("вид",),
    "queue": ("очередь",),
    "source": ("источник",),
    "external_id": ("id заявки", "номер заявки", "внешний id"),
    "received_at": ("дата", "время", "дата и время", "дата обращения", "получено", "date"),
    "live": ("на линии",),
    "customer.external_id": ("id клиента", "код клиента", "номер клиента"),
    "customer.name": ("имя", "фио", "клиент", "имя клиента", "name", "customer"),
    "customer.phone": ("телефон", "номер телефона", "моб. телефон", "phone", "phone number"),
    "customer.email": ("почта", "эл. почта", "электронная почта", "email", "e-mail"),
    "customer.messengers.telegram": ("telegram", "телеграм"),
    "customer.messengers.whatsapp": ("whatsapp", "ватсап"),
    "text": ("сообщение", "текст", "комментарий", "вопрос", "message", "comment"),
    "item.name": ("товар", "наименование", "артикул", "item", "product"),
    "item.quantity": ("количество", "кол-во", "quantity"),
    "item.price": ("цена", "price"),
    "budget": ("бюджет", "сумма"),
    "currency": ("валюта", "код валюты"),
    "item.currency": ("валюта цены",),
    "urgency": ("срочность",),
    "needed_by": ("срок", "нужно к"),
    "vin": ("вин", "vin-код"),
    "intent": ("намерение",),
    "paid": ("оплачено", "оплачен"),
}
NAMES = {name: path for path, names in SYNONYMS.items() for name in (*names, path)}


@dataclass(frozen=True, slots=True)
class Column:
    """Where the cells of a column go, and how they are read.

    A column without a name has no path, and its cells must be empty.
    """

    path: tuple[str, ...]
    cell: Cell


NAMELESS = Column((), text)


def columns_of(header: Sequence[str], unknown: Unknown) -> list[Column | None]:
    """The columns of a header; raises InvalidRequest that names every column not taken.

    With `unknown`, unknown columns are refused or stored in the attributes under their own names.
    None stands for a column that the service decides. Above the limit, nameless columns at the end
    are dropped.
    """
    mistakes, columns, seen = list[FieldMistake](), list[Column | None](), set[tuple[str, ...]]()
    while len(header) > MAX_COLUMNS and not _plain(header[-1]):
        header = header[:-1]
    if len(header) > MAX_COLUMNS:
        remedy = "Remove the columns that leads do not need."
        raise InvalidRequest([FieldMistake("body", f"it has over {MAX_COLUMNS} columns", remedy)])
    is_export = {_plain(name) for name in header} >= MARKS
    for number, name in enumerate(header, 1):
        column = None if is_export and _plain(name) in DECIDED_HERE else _column(name, unknown)
        if not _plain(name):
            columns.append(_nameless(number, unknown))
            continue
        if isinstance(column, FieldMistake):
            mistakes.append(column)
        elif column is not None and column.path in seen:
            mistakes.append(
                _mistake(name, "another column has the same field", "Remove one of them.")
            )
        else:
            columns.append(column)
            seen |= set() if column is None else {column.path}
    if mistakes:
        raise InvalidRequest(mistakes)
    return columns


def count_recognised(header: Sequence[str]) -> int:
    """How many names of a header are known. It shows whether the separator is right."""
    return sum(_existing(name) is not None or _plain(name) in DECIDED_HERE for name in header)


def _column(name: str, unknown: Unknown) -> Column | FieldMistake:
    existing, plain = _existing(name), _plain(name)
    if existing is not None:
        return existing
    if plain and unknown == "attributes":
        return Column(("attributes", " ".join(name.split())), text)
    remedy = f"Use one of {', '.join(CELLS)}, attributes.…, or set unknown=attributes."
    return _mistake(name, "this column is unknown", remedy)


def _nameless(number: int, unknown: Unknown) -> Column:
    if unknown == "refuse":
        return NAMELESS
    return Column(("attributes", f"column {number}"), text)


def _existing(name: str) -> Column | None:
    plain = _plain(name)
    path = NAMES.get(plain, plain)
    if path in CELLS:
        return Column(tuple(path.split(".")), CELLS[path])
    for beginning, cell in OPEN.items():
        if path.startswith(beginning) and path != beginning:
            own = path if beginning.startswith("customer") else " ".join(name.split())
            return Column((*beginning.rstrip(".").split("."), own[len(beginning) :]), cell)
    return None


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name.strip().casefold()).replace("ё", "е")


def _mistake(name: str, reason: str, remedy: str) -> FieldMistake:
    field = f"column {' '.join(name.split())[:60]}".rstrip()
    return FieldMistake(field.replace("\0", ""), reason, remedy)
