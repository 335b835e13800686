"""Only the shop's own system, with scope `crm`, may report payments, orders, tasks and classes."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.leads.errors import ScopeMissing
from service.leads.lead import Signal
from service.storage.leads.duplicates import Sender

# Fields of a client's card, and their names in requests.
OF_SHOP = {
    "client_class": "class",
    "blocked_since": "blocked_since",
    "call_on": "call_on",
    "orders": "orders",
    "tasks": "tasks",
}


def check_signal_reporter(signal: Signal, context: Mapping[str, Any], sender: Sender) -> None:
    """Raise ScopeMissing when a signal contains a field that its sender may not report."""
    fields = [OF_SHOP[name] for name in context if name in OF_SHOP]
    fields += ["paid"] if signal.paid else []
    fields += ["task"] if signal.task is not None else []
    check_reporter(fields, sender)


def check_reporter(fields: Iterable[str], sender: Sender) -> None:
    """Raise ScopeMissing when a sender without scope `crm` sends any of these fields."""
    if named := sorted(fields):
        if sender.may_report_orders:
            return
        names = ", ".join(f"`{name}`" for name in named)
        raise ScopeMissing(f"The key `{sender.name}` lacks the scope `crm`, which {names} needs.")
