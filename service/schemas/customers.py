"""Requests of the shop's own system about a customer."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from service.leads.card import MAX_CARS, MAX_CONTACTS, MAX_NOTES, MAX_ORDERS, MAX_TASKS
from service.leads.context import (
    CallTask,
    Campaign,
    ClientClass,
    Contact,
    Note,
    OrderInWork,
    OrderState,
    TaskTerms,
)
from service.schemas.fields import Flag, Id, Moment, Money, Name, Sent, Skill, Words

Phone = Annotated[str, Field(min_length=1, max_length=40)]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern="@")]
Messengers = Annotated[dict[Skill, Id], Field(max_length=16)]
ON_CARD = ("name", "phone", "email", "messengers")


def _as_day(value: Any) -> Any:
    if not isinstance(value, str) or len(value) != len("2026-06-10"):
        raise PydanticCustomError(
            "day_text", "a day is expected", {"remedy": "Send it as 2026-06-10."}
        )
    return value


Day = Annotated[date, BeforeValidator(_as_day)]


class OrderIn(Sent):
    """An order, and the operator who made it (B2)."""

    number: Id
    operator: Id | None = Field(None, description="the operator who made it; unset: the client")
    opened_at: Moment
    state: OrderState = OrderState.IN_WORK
    reserved_until: Moment | None = None
    reason: Words | None = Field(None, description="why it has been in work for so long (B7)")
    amount: Money | None = Field(None, description="its sum, lost when the client refuses (A25)")
    cashless: Flag = Field(False, description="paid by invoice, with a longer term")
    invoiced_at: Moment | None = Field(
        None, description="when the invoice was sent; unset: when it was opened (B16)"
    )

    def to_order(self) -> OrderInWork:
        """The order as the service's own type."""
        return OrderInWork(**dict(self))


class CallTaskIn(Sent):
    """An operator's task to call the client (B14)."""

    external_id: Id
    campaign: Campaign
    operator: Id
    opened_at: Moment
    expires_at: Moment
    closed_at: Moment | None = None
    activated_at: Moment | None = Field(
        None, description="since when it credits its operator with the client's orders (B17)"
    )

    @model_validator(mode="after")
    def _expires_later(self) -> Self:
        if self.expires_at <= self.opened_at:
            remedy = {"remedy": "Let `expires_at` be after `opened_at`."}
            raise PydanticCustomError("task_dates", "it expires before it is opened", remedy)
        return self

    def to_task(self) -> CallTask:
        """The task as the service's own type."""
        return CallTask(**dict(self))


class TaskIn(Sent):
    """A call task that arrives as a lead (B14)."""

    campaign: Campaign
    operator: Id
    opened_at: Moment | None = Field(
        None, description="when it was opened; unset: when it was received"
    )
    expires_at: Moment

    def to_terms(self, received_at: datetime) -> TaskTerms:
        """The task as the service's own type."""
        opened_at = self.opened_at or received_at
        return TaskTerms(self.campaign, self.operator, opened_at, self.expires_at)


class ExtendIn(Sent):
    """The new end of a call task, and the reason."""

    expires_at: Moment
    reason: Words


class ContactIn(Sent):
    """A talk of an operator with the client (A9)."""

    operator: Id
    at: Moment

    def to_contact(self) -> Contact:
        """The contact as the service's own type."""
        return Contact(self.operator, self.at)


class NoteIn(Sent):
    """A note of what happened with the client (A22)."""

    author: Id
    at: Moment
    text: Annotated[Words, Field(max_length=2000)]

    def to_note(self) -> Note:
        """The note as the service's own type."""
        return Note(self.author, self.at, self.text)


class ContextIn(Sent):
    """What the shop's own system knows of a customer.

    A field left out stays as it is. A list replaces the known list, but contacts are added. An
    operator that does not exist here stays on the card, and no lead goes to them.
    """

    client_class: ClientClass | None = Field(
        None,
        alias="class",
        description="the client's class; `super_vip` is for designated operators only (B3)",
    )
    blocked_since: Day | None = None
    call_on: Day | None = Field(
        None, description="the day that the head of sales set for a call (B5)"
    )
    orders: Annotated[tuple[OrderIn, ...], Field(max_length=MAX_ORDERS)] = ()
    tasks: Annotated[tuple[CallTaskIn, ...], Field(max_length=MAX_TASKS)] = ()
    contacts: Annotated[tuple[ContactIn, ...], Field(max_length=MAX_CONTACTS)] = ()
    cars: Annotated[tuple[Name, ...], Field(max_length=MAX_CARS)] = ()
    notes: Annotated[tuple[NoteIn, ...], Field(max_length=MAX_NOTES)] = ()
    bought_before: Flag = Field(
        False, description="whether they ever bought; a completed order or a won lead also shows it"
    )

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        for what, ids in (
            ("orders", [order.number for order in self.orders]),
            ("tasks", [task.external_id for task in self.tasks]),
        ):
            if len({*ids}) < len(ids):
                remedy = {"remedy": "Send each of them once."}
                raise PydanticCustomError("sent_twice", f"two of the {what} have one id", remedy)
        return self

    def to_context(self) -> dict[str, Any]:
        """The fields that were sent, as the service's own types."""
        raw: dict[str, Any] = {
            "client_class": self.client_class or ClientClass.ORDINARY,
            "blocked_since": self.blocked_since,
            "call_on": self.call_on,
            "orders": tuple(order.to_order() for order in self.orders),
            "tasks": tuple(task.to_task() for task in self.tasks),
            "contacts": tuple(contact.to_contact() for contact in self.contacts),
            "cars": self.cars,
            "notes": tuple(note.to_note() for note in self.notes),
            "bought_before": self.bought_before,
        }
        return {name: value for name, value in raw.items() if name in self.model_fields_set}


class CardIn(ContextIn):
    """A customer: their identity, and what the shop's own system knows of them."""

    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    messengers: Messengers | None = Field(
        None, description="messenger → the client's id or nickname there"
    )

    def to_customer(self) -> dict[str, Any]:
        """The identity fields that were sent."""
        return {name: getattr(self, name) for name in ON_CARD if name in self.model_fields_set}
