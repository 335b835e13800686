"""The answers about customers. `customer_rendering.py` writes them."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from service.api.leads.lead_answers import AnswerModel, Sum
from service.leads.context import Campaign, ClientClass, OrderState
from service.leads.lead import Kind, State


class OrderOut(AnswerModel):
    """An order of the client."""

    number: str
    operator: str | None
    opened_at: datetime
    state: OrderState
    reserved_until: datetime | None
    reason: str | None
    amount: Sum | None
    cashless: bool
    invoiced_at: datetime | None


class CallTaskOut(AnswerModel):
    """An operator's task to call the client."""

    external_id: str
    campaign: Campaign
    operator: str
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    activated_at: datetime | None = Field(
        description="since when it credits its operator with the client's orders (B17)"
    )


class ContactOut(AnswerModel):
    """When an operator talked with the client."""

    operator: str
    at: datetime


class NoteOut(AnswerModel):
    """A note of what was said or done with the client."""

    author: str
    at: datetime
    text: str


class OwnerOut(AnswerModel):
    """The operator who works with the client by a supervisor's decision (B19)."""

    operator: str
    reason: str
    by: str
    at: datetime
    until: datetime | None


class SelectionOut(AnswerModel):
    """A part that was selected for the client and offered (A28)."""

    number: str
    name: str
    price: str | None
    at: datetime
    by: str


class MarkOut(AnswerModel):
    """A mark by which the client is recognised."""

    mark: str
    strength: int = Field(
        description="1: proves itself; 2: a typed number; 3: an address", ge=1, le=3
    )


class CardOut(AnswerModel):
    """A customer's card."""

    external_id: str
    name: str | None
    phone: str | None
    email: str | None
    messengers: dict[str, str] | None
    client_class: ClientClass = Field(alias="class")
    blocked_since: date | None
    call_on: date | None
    orders: list[OrderOut]
    tasks: list[CallTaskOut]
    contacts: list[ContactOut]
    cars: list[str]
    notes: list[NoteOut]
    owner: OwnerOut | None
    selections: list[SelectionOut] = Field(description="the newest first, at most 50")
    merged_into: str | None = Field(description="the card that this one was merged into")
    bought_before: bool
    changed_at: datetime


class ViewedCardOut(CardOut):
    """A customer's card and the marks that recognise them."""

    marks: list[MarkOut]


class FoundClientOut(AnswerModel):
    """A client who was found. Without a card, their data come from their leads."""

    external_id: str | None
    name: str | None
    phone: str | None
    phones: list[str]
    email: str | None
    messengers: dict[str, str] | None
    client_class: ClientClass | None = Field(alias="class")
    leads: list[UUID] = Field(description="the newest first, at most 50")


class FoundClientsOut(AnswerModel):
    """The clients found. Those with a card come first, at most 20 of them."""

    customers: list[FoundClientOut]


class MergeOut(AnswerModel):
    """A merge of two clients, and the leads that it changed."""

    merge: UUID
    into: str
    from_client: str = Field(alias="from")
    reason: str
    by: str
    at: datetime
    undone_at: datetime | None
    leads: list[UUID]


class BlockedMarkOut(AnswerModel):
    """A blocked mark. Leads from it are offered to nobody."""

    mark: str
    reason: str
    by: str
    at: datetime
    until: datetime | None


class BlockedMarksOut(AnswerModel):
    """All blocked marks."""

    blocked: list[BlockedMarkOut]


class ChangedCardOut(CardOut):
    """The customer's card, and how many of their leads were rerouted."""

    rerouted: int = Field(description="how many of their leads now go to another operator")


class EarlierLeadOut(AnswerModel):
    """Another lead of the same client, and how it ended."""

    id: UUID
    kind: Kind
    state: State
    outcome: str | None
    amount: str | None
    note: str | None
    created_at: datetime
    settled_at: datetime | None
    settled_by: str | None


class PromiseOut(AnswerModel):
    """Another lead of the same client, parked until they are called again."""

    id: UUID
    kind: Kind
    until: datetime
    note: str | None


class ClientOut(CardOut):
    """The client and their history, for the operator to read before they speak with them."""

    promised: list[PromiseOut] = Field(
        description="promised callbacks, the next one first; at most 10"
    )
    earlier: list[EarlierLeadOut] = Field(description="the client's other leads, the newest 10")
