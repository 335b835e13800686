"""Only the shop's own system, with scope `crm`, may report payments, orders, tasks and classes.

Only it may replace known values of a client's card. The money that other senders state is limited.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from service.leads.card import Card, CardChange
from service.leads.errors import ScopeMissing
from service.leads.lead import Signal
from service.leads.unchanging import replace
from service.matching.replacing import replaced_fields, without_fields
from service.storage.leads.duplicates import Sender

# Fields of a client's card, and their names in requests.
OF_SHOP = {
    "client_class": "class",
    "blocked_since": "blocked_since",
    "call_on": "call_on",
    "orders": "orders",
    "tasks": "tasks",
}
# A change of a card as its sender may make it; telephone numbers are read by regions.
HeldTo = Callable[[Card, CardChange, Collection[str]], CardChange]


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


def limited(signal: Signal, sender: Sender) -> Signal:
    """The signal; its money is marked as limited if the sender does not speak for the shop."""
    if sender.may_report_orders or (signal.budget is None and not signal.items):
        return signal
    items = tuple(
        item if item.price is None else replace(item, is_limited=True) for item in signal.items
    )
    return replace(signal, items=items, budget_is_limited=signal.budget is not None)


def refuse_replacing(sender: Sender) -> HeldTo:
    """A check that raises ScopeMissing when a sender without `crm` replaces a value of a card."""

    def held(existing: Card, change: CardChange, regions: Collection[str]) -> CardChange:
        if not sender.may_report_orders:
            check_reporter(replaced_fields(existing, change, regions), sender)
        return change

    return held


def keep_known(sender: Sender) -> HeldTo:
    """A filter that keeps known values of a card from senders without the scope `crm`."""

    def held(existing: Card, change: CardChange, regions: Collection[str]) -> CardChange:
        if sender.may_report_orders:
            return change
        return without_fields(change, replaced_fields(existing, change, regions))

    return held
