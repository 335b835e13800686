"""Payments, orders, tasks and classes are the word of the shop's own system: the scope `crm`."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.leads.errors import ScopeMissing
from service.leads.lead import Signal
from service.storage.leads.duplicates import Sender

# Fields of a client's card, and what they are called where they are sent.
OF_SHOP = {
    "client_class": "class",
    "blocked_since": "blocked_since",
    "call_on": "call_on",
    "orders": "orders",
    "tasks": "tasks",
}


def check_signal_reporter(signal: Signal, context: Mapping[str, Any], sender: Sender) -> None:
    """Raise ScopeMissing where a sender says of a signal what is not theirs to say."""
    fields = [OF_SHOP[name] for name in context if name in OF_SHOP]
    fields += ["paid"] if signal.paid else []
    fields += ["task"] if signal.task is not None else []
    check_reporter(fields, sender)


def check_reporter(fields: Iterable[str], sender: Sender) -> None:
    """Raise ScopeMissing for any such field of a sender who does not speak for the shop."""
    if named := sorted(fields):
        if sender.may_report_orders:
            return
        names = ", ".join(f"`{name}`" for name in named)
        raise ScopeMissing(f"The key `{sender.name}` lacks the scope `crm`, which {names} needs.")
