"""Requests about clients: merges, blocks, owners, and selected parts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from service.leads.card import MAX_SELECTIONS
from service.leads.context import OwnerByHand, SelectedPart
from service.schemas.fields import Id, Moment, Money, Name, OperatorName, Sent, Words

Reason = Annotated[Words, Field(max_length=2000)]
MarkText = Annotated[str, Field(min_length=3, max_length=500)]


class MergeIn(Sent):
    """Merge one client into another, with a reason."""

    into: Id = Field(description="a card's number, or the id of a lead of a client without one")
    source: Id = Field(
        alias="from", description="the client to merge into it, named in the same way"
    )
    reason: Reason


class ClientIn(Sent):
    """A client. Exactly one field is sent."""

    external_id: Id | None = Field(None, description="the number of their card")
    phone: MarkText | None = None
    email: MarkText | None = None
    messenger: MarkText | None = Field(None, description="`telegram:111`")
    lead: UUID | None = Field(None, description="one of the client's leads, when they have no card")

    @model_validator(mode="after")
    def _is_one(self) -> "ClientIn":
        named = (self.external_id, self.phone, self.email, self.messenger, self.lead)
        if sum(item is not None for item in named) != 1:
            remedy = {"remedy": "Send one of external_id, phone, email, messenger, lead."}
            raise PydanticCustomError("one_client", "exactly one client is expected", remedy)
        return self


class ClientQuestionIn(Sent):
    """A search for a client. Exactly one field is sent."""

    phone: MarkText | None = None
    email: MarkText | None = None
    messenger: MarkText | None = Field(None, description="`telegram:111`")
    number: Id | None = Field(None, description="the number of a card or an order")
    name: Name | None = None


class EraseIn(ClientIn):
    """The client to erase, and the reason. The reason is kept, so it must not name the client."""

    reason: Reason


class ReasonIn(Sent):
    """The reason for undoing something."""

    reason: Reason


class BlockIn(Sent):
    """The mark to block, the reason and the end."""

    mark: MarkText = Field(
        description="a number, an address, `messenger:telegram:111` or `customer:1042`"
    )
    reason: Reason
    until: Moment | None = Field(None, description="the end; unset: until it is unblocked")


class OwnerIn(Sent):
    """The operator who works with a client by a supervisor's decision (B19)."""

    operator: OperatorName
    reason: Reason
    until: Moment | None = Field(None, description="the end; unset: until it is removed")

    def to_owner(self, by: str, now: datetime) -> OwnerByHand:
        """The owner as the service's own type."""
        return OwnerByHand(self.operator, self.reason, by, now, self.until)


class SelectionIn(Sent):
    """A part that was selected for a client and offered (A28)."""

    number: Id
    name: Name
    price: Money | None = None
    at: Moment | None = Field(None, description="when it was offered; unset: now")
    by: Id | None = Field(None, description="who selected it; unset: the key's name")

    def to_selection(self, by: str, now: datetime) -> SelectedPart:
        """The part as the service's own type."""
        return SelectedPart(self.number, self.name, self.at or now, self.by or by, self.price)


class SelectionsIn(Sent):
    """Parts that were selected for a client."""

    selections: Annotated[tuple[SelectionIn, ...], Field(min_length=1, max_length=MAX_SELECTIONS)]
