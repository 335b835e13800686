"""What the shop's own system (its CRM, 1C) knows of a customer.

Moments are aware datetimes. The code that reads a context checks how many items it may have.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from service.leads.unchanging import unchanging


class ClientClass(StrEnum):
    """How the shop classes a client (rules B3, A21)."""

    ORDINARY = "ordinary"
    VIP = "vip"
    SUPER_VIP = "super_vip"
    WHOLESALE = "wholesale"


class OrderState(StrEnum):
    """The state of an order (rules B2, A14, B9); an order is in work until it is `done`."""

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


@unchanging
class OrderInWork:
    """An order and its operator, who gets the client and the credit for the sale (B2, A10).

    `operator` is None for an order that the client placed alone and nobody has taken yet. An order
    may stay in work for 7 days from `opened_at`; `reason` says why it is still in work (B7). It may
    wait for payment for 3 days (A14), a `cashless` one for 7 days from `invoiced_at` (B16). Its
    reservation ends at `reserved_until` (B9). `amount` is what a refusal would lose (A25).
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


@unchanging
class CallTask:
    """An operator's task to call the client, valid until `expires_at` (rule B14).

    A task that was activated before it was closed credits its operator with the client's orders
    (B17).
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
        """Whether the task is still valid; at `expires_at` it is not."""
        return now < self.expires_at


@unchanging
class TaskTerms:
    """The terms of a lead of kind `task`: operator, campaign and validity (rule B14)."""

    campaign: Campaign
    operator: str
    opened_at: datetime
    expires_at: datetime

    def as_call_task(self, external_id: str) -> CallTask:
        """The same terms as a task of the customer."""
        return CallTask(external_id, self.campaign, self.operator, self.opened_at, self.expires_at)


@unchanging
class Contact:
    """When an operator talked with the client (rules A9, A10)."""

    operator: str
    at: datetime


@unchanging
class Note:
    """What somebody said to the client or did for them; every operator can see it (rule A22)."""

    author: str
    at: datetime
    text: str


@unchanging
class ClientFacts:
    """The facts of a client's card that change the chance and the bill (A25, A26, B5).

    `call_on` says whether the head set a date for calling a blocked client. `running_sum` is the
    sum of the running order, None when the shop's own system did not state it.
    """

    bought_before: bool = False
    vip: bool = False
    blocked: bool = False
    call_on: bool = False
    running_order: bool = False
    running_sum: Decimal | None = None


NO_FACTS = ClientFacts()


@unchanging
class OwnerByHand:
    """The head's decision that one operator owns the client (B19).

    It goes before all other rules but B3 and B4: super VIP clients and complaints have no owner.
    """

    operator: str
    reason: str
    by: str
    at: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the decision is in force; without `until` it holds until it is taken back."""
        return self.until is None or now < self.until


@unchanging
class SelectedPart:
    """A part that was selected and offered to the client: the operator's notebook (rule A28)."""

    number: str
    name: str
    at: datetime
    by: str
    price: Decimal | None = None


@unchanging
class CustomerContext:
    """A customer as the shop knows them; the order of the items in a list has no meaning.

    `client_class` demands operators with a skill (B3, A21). A client who is blocked since
    `blocked_since` and does not answer is called on `call_on`, the date that the head set (B5).
    `orders` (B2, A10), `tasks` (B14) and `contacts` (A9) decide whose client it is. Operators see
    `cars`, `notes` and `selections` before they talk to the client (A23, A22, A28). `owner` is the
    head's decision (B19). nextlead records `owner` and `selections` itself; the shop's system does
    not overwrite them.
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
    """The facts of a context that change the chance and the bill."""
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
