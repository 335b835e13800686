"""When the head is to look at an order: it is too long in work, its reservation ends (B7, B9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.leads.context import OrderInWork, OrderState
from service.rules.policy import FollowUps

OVERDUE, RESERVATION_ENDS = "order.overdue", "reservation.ends"
INVOICE_ENDS = "invoice.ends"


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is reported of an order to the head of sales, and since when it holds."""

    type: str
    order: OrderInWork
    at: datetime


def find_reminders(order: OrderInWork, rules: FollowUps, now: datetime) -> Iterator[Reminder]:
    """What is due of an order by now.

    An order that is reserved is bound by the end of its reservation, any other by the days that it
    may be in work. An extended reservation is reported again before its new end.
    """
    if order.state is OrderState.DONE:
        return
    if order.reserved_until is not None:
        at, kind = order.reserved_until - rules.extension_asked, RESERVATION_ENDS
    elif order.cashless and order.state is OrderState.AWAITING_PAYMENT:
        invoiced_at = order.invoiced_at or order.opened_at
        at = invoiced_at + rules.cashless_payment - rules.extension_asked
        kind = INVOICE_ENDS
    elif order.state is OrderState.RESERVED:
        return
    else:
        at, kind = order.opened_at + rules.order_in_work, OVERDUE
    if at <= now:
        yield Reminder(kind, order, at)
