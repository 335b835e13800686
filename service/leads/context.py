"""What the shop's own system (its CRM, 1C) says of a customer: whose they are, and what they had.

Moments are aware datetimes. How many of each there may be is checked by whoever reads them in.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class ClientClass(StrEnum):
    """How the shop classes a client (rules B3, A21)."""

    ORDINARY = "ordinary"
    VIP = "vip"
    SUPER_VIP = "super_vip"
    WHOLESALE = "wholesale"


class OrderState(StrEnum):
    """How far an order is (rules B2, A14, B9); one that is not `done` is in somebody's work."""

    IN_WORK = "in_work"
    PROCESSED = "processed"
    AWAITING_PAYMENT = "awaiting_payment"
    RESERVED = "reserved"
    DONE = "done"


class Campaign(StrEnum):
    """What a call task is about (rule B14)."""

    BIRTHDAY = "birthday"
    NEW_YEAR = "new_year"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OrderInWork:
    """An order and its operator: their client is led to them, and credited to them (rules B2, A10).

    Nobody is the operator of an order that the client placed alone and nobody has taken yet. From
    `opened_at` an order may stay in work 7 days, with the reason noted (B7), and from when it is
    `awaiting_payment` it may wait 3 (A14), a `cashless` one 7 from when it was `invoiced_at` (B16);
    `reserved_until` is when its reservation ends (B9). The `amount` is what a refusal loses (A25).
    """

    number: str
    operator: str | None
    opened_at: datetime
    state: OrderState = OrderState.IN_WORK
    reserved_until: datetime | None = None
    reason: str | None = None
    amount: Decimal | None = None
    cashless: bool = False
    invoiced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallTask:
    """An operator's task to call the client; in date until `expires_at` (rule B14).

    Activated before it was closed, it credits its operator with the client's orders (B17).
    """

    external_id: str
    campaign: Campaign
    operator: str
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None = None
    activated_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether its operator has not closed it."""
        return self.closed_at is None

    def is_in_date(self, now: datetime) -> bool:
        """Whether it has not expired; the moment at which it expires is the first after it."""
        return now < self.expires_at


@dataclass(frozen=True, slots=True)
class TaskTerms:
    """What a lead of kind `task` is to be: whose call, in what campaign, until when (rule B14)."""

    campaign: Campaign
    operator: str
    opened_at: datetime
    expires_at: datetime

    def as_call_task(self, external_id: str) -> CallTask:
        """The same as a task of the customer."""
        return CallTask(external_id, self.campaign, self.operator, self.opened_at, self.expires_at)


@dataclass(frozen=True, slots=True)
class Contact:
    """When an operator talked with the client (rules A9, A10)."""

    operator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What was said or done with the client, for every manager to see (rule A22)."""

    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What of a client's card weighs in the chance and the bill (A25, A26, B5).

    `call_on` says that the head set a date for calling a blocked client. Of a running order is
    known that there is one, and its sum where the shop's own system said it.
    """

    bought_before: bool = False
    vip: bool = False
    blocked: bool = False
    call_on: bool = False
    running_order: bool = False
    running_sum: Decimal | None = None


NO_FACTS = ClientFacts()


@dataclass(frozen=True, slots=True)
class OwnerByHand:
    """The head gave the client to one operator, whatever the rules say (rule B19)."""

    operator: str
    reason: str
    by: str
    at: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is in force; without an end until it is taken back."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class SelectedPart:
    """A part that was selected for the client and offered: the manager's notebook (rule A28)."""

    number: str
    name: str
    at: datetime
    by: str
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CustomerContext:
    """A customer as the shop knows them; nothing depends on the order of what there are several of.

    `client_class` demands staff of its own (B3, A21). Who is blocked since `blocked_since` for a
    second year, and does not answer, is called on `call_on`, the date that the head set (B5).
    `orders` (B2, A10), `tasks` (B14) and `contacts` (A9) say whose they are; `cars` and `notes` are
    shown before they are spoken to (A23, A22), `selections` (A28) with them. `owner` is the head's
    word (B19); it and the selections are learnt here, and what the shop's system says leaves them.
    """

    client_class: ClientClass = ClientClass.ORDINARY
    blocked_since: date | None = None
    call_on: date | None = None
    orders: tuple[OrderInWork, ...] = ()
    tasks: tuple[CallTask, ...] = ()
    contacts: tuple[Contact, ...] = ()
    cars: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    bought_before: bool = False
    owner: OwnerByHand | None = None
    selections: tuple[SelectedPart, ...] = ()


def client_facts(context: CustomerContext | None) -> ClientFacts:
    """What of a context weighs in the chance and the bill."""
    if context is None:
        return NO_FACTS
    running = [order for order in context.orders if order.state is not OrderState.DONE]
    newest = max(running, key=lambda order: (order.opened_at, order.number), default=None)
    return ClientFacts(
        bought_before=context.bought_before or len(running) < len(context.orders),
        vip=context.client_class in (ClientClass.VIP, ClientClass.SUPER_VIP),
        blocked=context.blocked_since is not None,
        call_on=context.call_on is not None,
        running_order=newest is not None,
        running_sum=None if newest is None else newest.amount,
    )
