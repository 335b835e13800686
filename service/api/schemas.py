"""Request models besides leads and customers, and how they become the service's own types."""

from typing import Annotated

from pydantic import Field

from service.flows.leads.update_lead import LeadUpdate
from service.flows.operators.change_queue import QueueRequest
from service.leads.customer import Customer
from service.leads.lead import Intent
from service.policies.reading import Shipped
from service.schemas.customers import Email, Messengers, Phone
from service.schemas.fields import (
    Currency,
    Flag,
    Moment,
    Money,
    Name,
    OperatorName,
    QueueName,
    Sent,
    Urgency,
    Words,
)
from service.schemas.leads import Attributes, ItemIn, ShowIn, Vin
from service.storage.leads.duplicates import Sender

NO_FACTS = {"from_client", "queue", "customer"}


class NamedClientIn(Sent):
    """What a client said about themselves. Fields left out stay. A phone is added to known ones."""

    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    messengers: Messengers | None = Field(None, description="messenger → the client's id there")

    def to_customer(self) -> Customer:
        """The client as the service's own type."""
        return Customer(None, self.name, self.phone, self.email, self.messengers)


class LeadChangeIn(Sent):
    """New facts of a lead. A field left out stays as it is; null removes the fact."""

    live: Flag | None = Field(
        None, description="true: the client is there now; false: they have gone"
    )
    text: Words | None = Field(None, description="all words of the client; replaces the known text")
    items: Annotated[tuple[ItemIn, ...], Field(max_length=200)] | None = None
    budget: Money | None = None
    currency: Currency | None = Field(
        None, description="the currency of the budget and of prices without one"
    )
    urgency: Urgency | None = None
    needed_by: Moment | None = None
    vin: Vin | None = None
    intent: Intent | None = None
    paid: Flag | None = None
    attributes: Attributes | None = None
    show: ShowIn | None = Field(None, description="the show; replaces what was known of it")
    queue: QueueName | None = Field(
        None, description="moves a waiting lead to this queue (B18); needs the scope `supervise`"
    )
    from_client: Flag | None = Field(
        None, description="whether the client spoke just now; unset: true if text or live is sent"
    )

    customer: NamedClientIn | None = Field(
        None,
        description="what the operator learnt about the client; they are recognised and joined"
        " again. A key with `operate` may send it for a held lead",
    )

    @property
    def named_client(self) -> Customer | None:
        """What the operator learnt of the client."""
        return None if self.customer is None else self.customer.to_customer()

    def to_facts(self, sender: Sender) -> LeadUpdate:
        """The change as the service's own type."""
        sent = {name: getattr(self, name) for name in self.model_fields_set - NO_FACTS}
        if "items" in sent:
            sent["items"] = tuple(item.to_item() for item in sent["items"] or ())
        if sent.get("show") is not None:
            sent["show"] = sent["show"].to_show()
        for flag in ("live", "paid"):
            if flag in sent:
                sent[flag] = bool(sent[flag])
        spoke = bool(sent.get("text") or sent.get("live"))
        return LeadUpdate(sent, spoke if self.from_client is None else self.from_client, sender)


class QueueIn(Sent):
    """A queue: one team's line. Its policy gives a currency or time zone that is left out."""

    title: Name | None = Field(None, description="the title; unset: the queue's name")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    region: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(
        None, description="for a new queue only: the country of telephone numbers without a +"
    )
    policy: Shipped | None = Field(
        None,
        description="the policy of a new queue; unset: auto_parts. `empty` needs currency and time"
        " zone. Refused for an existing queue: PUT its policy instead",
    )

    def to_request(self, name: str) -> QueueRequest:
        """The request as the service's own type."""
        sent = (self.title, self.currency, self.time_zone, self.region, self.policy)
        return QueueRequest(name, *sent)


class QueueChangeIn(Sent):
    """Some fields of a queue. Fields left out stay as they are."""

    title: Name | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    closed: Flag | None = Field(
        None, description="true: it takes no new leads; the leads in it are still served"
    )

    def to_request(self, name: str) -> QueueRequest:
        """The request as the service's own type, without `closed`."""
        return QueueRequest(name, self.title, self.currency, self.time_zone)


class ClaimIn(Sent):
    """Who takes a particular lead."""

    operator: OperatorName
    reason: Words | None = Field(
        None,
        description="overrides the rules that give the lead to others, with this reason; needs the"
        " scope `supervise`",
    )


class TokenIn(Sent):
    """The token of the claim."""

    token: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class ReleaseIn(TokenIn):
    """Give a lead back to the line."""

    reason: Words | None = None
