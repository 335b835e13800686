"""When the head must look at an order: it is too long in work, or a term ends (B7, B9, B16)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.leads.context import OrderInWork, OrderState
from service.rules.policy import FollowUps

OVERDUE, RESERVATION_ENDS = "order.overdue", "reservation.ends"
INVOICE_ENDS = "invoice.ends"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder of an order for the head of sales; `at` is when it became due."""

    type: str
    order: OrderInWork
    at: datetime


def find_reminders(order: OrderInWork, rules: FollowUps, now: datetime) -> Iterator[Reminder]:
    """The reminder of an order that is due by now, if any.

    An order with `reserved_until` is due before its reservation ends, and again before an extended
    end. A cashless order that awaits payment is due before the term of its invoice ends (B16). Any
    other order is due after the days that it may be in work.
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
