"""A lead as programs send it, and how it becomes the service's own types."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import orjson
from pydantic import AfterValidator, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from service.leads.customer import MAX_PHONES, Customer
from service.leads.lead import Channel, Intent, Item, Kind, Signal, is_live_by_default
from service.leads.show import Show
from service.schemas.customers import ContextIn, Day, Email, Messengers, Phone, TaskIn
from service.schemas.fields import (
    WHOLE,
    Currency,
    Flag,
    Id,
    Moment,
    Money,
    Name,
    Quantity,
    QueueName,
    Sent,
    Urgency,
    Words,
)

MAX_ATTRIBUTE_BYTES = 16 * 1024


def _small(attributes: dict[str, Any]) -> dict[str, Any]:
    size = len(orjson.dumps(attributes))
    if size > MAX_ATTRIBUTE_BYTES:
        raise PydanticCustomError(
            "attributes_too_large",
            "the attributes are too large",
            {"remedy": f"Send at most {MAX_ATTRIBUTE_BYTES} bytes of them."},
        )
    return attributes


Vin = Annotated[str, Field(min_length=5, max_length=32)]
Attributes = Annotated[dict[str, JsonValue], Field(max_length=64), AfterValidator(_small)]


class CustomerIn(Sent):
    """The client, as far as the sender knows them."""

    external_id: Id | None = Field(None, description="the client's number in the shop's own system")
    name: Name | None = None
    phone: Phone | None = None
    phones: Annotated[tuple[Phone, ...], Field(max_length=MAX_PHONES - 1)] = Field(
        (), description="the client's further numbers"
    )
    email: Email | None = None
    messengers: Messengers | None = Field(
        None, description="messenger → the client's id or nickname there"
    )
    context: ContextIn | None = Field(
        None, description="other facts about the client; changes the card and needs `external_id`"
    )

    @model_validator(mode="after")
    def _says_whose_context(self) -> Self:
        if self.context is not None and self.external_id is None:
            remedy = {"remedy": "Send the customer's `external_id`, or leave `context` out."}
            raise PydanticCustomError("whose_context", "it belongs to no customer", remedy)
        return self

    def to_customer(self, channel: Channel) -> Customer:
        """The client as the service's own type. A caller's number counts as the network's."""
        calls = channel is Channel.PHONE and self.phone is not None
        return Customer(
            external_id=self.external_id,
            name=self.name,
            phone=self.phone or next(iter(self.phones), None),
            email=self.email,
            messengers=self.messengers,
            phones=self.phones if self.phone else self.phones[1:],
            network_phones=(self.phone,) if calls and self.phone else (),
        )


class ItemIn(Sent):
    """An article that the client wants."""

    name: Name
    quantity: Quantity = Decimal(1)
    price: Money | None = Field(None, description="of one piece")
    currency: Currency | None = Field(None, description="currency of the price; unset: the lead's")

    def to_item(self) -> Item:
        """The article as the service's own type."""
        return Item(self.name, self.quantity, self.price, self.currency)


class ShowIn(Sent):
    """A show that a client wants, as far as its details are known (B15)."""

    date: Day | None = None
    place: Name | None = None
    guests: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] | None = None
    occasion: Name | None = None
    budget: Money | None = None
    wishes: Annotated[Words, Field(max_length=2000)] | None = None

    def to_show(self) -> Show:
        """The show as the service's own type."""
        return Show(**dict(self))


class LeadIn(Sent):
    """One signal of a client: a call, a message, an order, a visit."""

    channel: Channel = Field(description="how the client came")
    kind: Kind | None = Field(None, description="the kind; unset: the channel's")
    queue: QueueName = "main"
    source: Id | None = Field(
        None,
        description="the sending system, to which `external_id` belongs; unset: the key's name",
    )
    external_id: Id | None = Field(
        None, description="the sender's own id of this signal; repeated, it gives the same lead"
    )
    received_at: Moment | None = Field(None, description="when the signal was received; unset: now")
    live: Flag | None = Field(
        None, description="whether the client is present now; unset: true for office and phone"
    )
    customer: CustomerIn | None = None
    text: Words | None = None
    items: Annotated[tuple[ItemIn, ...], Field(max_length=200)] = ()
    budget: Money | None = Field(None, description="what the client wants to spend")
    currency: Currency | None = Field(
        None, description="currency of the budget and of prices without one; unset: the queue's"
    )
    urgency: Urgency | None = Field(
        None,
        description="how urgent it is. The client waits a minute at 1, 100 minutes at 0.5, a week"
        " at 0",
    )
    needed_by: Moment | None = None
    vin: Vin | None = None
    intent: Intent | None = Field(
        None, description="what the client wants; unset: read from the text, else a sale"
    )
    paid: Flag = False
    attributes: Attributes | None = Field(None, description="anything else, stored unchanged")
    task: TaskIn | None = Field(
        None, description="the call task (B14); only for the channel `crm_task`"
    )
    show: ShowIn | None = Field(None, description="the show that the client wants (B15)")

    @model_validator(mode="after")
    def _has_a_task_only_as_one(self) -> Self:
        is_task = self.channel is Channel.CRM_TASK and self.kind in (None, Kind.TASK)
        if self.task is not None and not is_task:
            remedy = {"remedy": "Send the channel `crm_task`, or leave `task` out."}
            raise PydanticCustomError("no_task", "only a crm_task has a task", remedy)
        return self

    def to_context(self) -> dict[str, Any]:
        """The fields of the client's card that came with the signal."""
        raw = self.customer and self.customer.context
        return raw.to_context() if raw else {}

    def to_signal(self, now: datetime, sender: str) -> Signal:
        """The signal as the service's own type."""
        return Signal(
            queue=self.queue,
            channel=self.channel,
            received_at=self.received_at or now,
            kind=self.kind,
            source=self.source or sender,
            external_id=self.external_id,
            live=is_live_by_default(self.channel, self.kind) if self.live is None else self.live,
            customer=self.customer.to_customer(self.channel) if self.customer else None,
            text=self.text,
            items=tuple(item.to_item() for item in self.items),
            budget=self.budget,
            currency=self.currency,
            urgency=self.urgency,
            needed_by=self.needed_by,
            vin=self.vin,
            intent=self.intent,
            paid=self.paid,
            attributes=self.attributes,
            task=self.task.to_terms(self.received_at or now) if self.task else None,
            show=self.show.to_show() if self.show else None,
        )
