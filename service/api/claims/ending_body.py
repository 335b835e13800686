"""Request bodies of the calls that end a claim."""

from pydantic import Field

from service.api.schemas import TokenIn
from service.flows.claims.check_handover import Handover
from service.flows.claims.park_claim import Parking
from service.leads.price_profile import Buyer, Selection
from service.leads.settlement import Outcome, Settlement
from service.schemas.fields import (
    Currency,
    Flag,
    Moment,
    Money,
    OperatorName,
    QueueName,
    Skill,
    Words,
)
from service.schemas.leads import ShowIn


class DeclineIn(TokenIn):
    """Refuse a lead for good."""

    reason: Words


class TransferIn(TokenIn):
    """Hand a lead to another operator, to operators with a skill, or to another queue."""

    operator: OperatorName | None = Field(
        None,
        description="the receiver. One of operator, skill and queue is needed. If the operator"
        " serves another queue, the lead moves there (B18)",
    )
    skill: Skill | None = Field(
        None, description="operators with this skill receive it; the giver must lack it"
    )
    queue: QueueName | None = Field(
        None, description="the queue that receives it, such as a region's"
    )
    note: Words | None = Field(None, description="required: what was done, and what is left to do")
    show: ShowIn | None = Field(
        None, description="for the skill `shows`: details of the show that the lead lacks (B15)"
    )

    def to_handover(self) -> Handover:
        """The handover as the service's own type."""
        show = self.show.to_show() if self.show else None
        return Handover(self.operator, self.skill, self.note, self.queue, show)


class ParkIn(TokenIn):
    """Put a lead aside until a time."""

    until: Moment
    note: Words

    def to_parking(self) -> Parking:
        """The parking as the service's own type."""
        return Parking(self.until, self.note)


class SettleIn(TokenIn):
    """How a claim ends."""

    outcome: Outcome
    reason: Words | None = Field(
        None,
        description="needed for `lost` and `cancelled`: a name of the policy's `reasons`, or free"
        " words",
    )
    amount: Money | None = Field(None, description="needed for `won`")
    note: Words | None = Field(
        None,
        description="needed for chats, self orders, wishes, `answered` and `will_think`",
    )
    until: Moment | None = Field(
        None,
        description="for `callback`: when to call; unset: in half an hour. Needed for `will_think`",
    )
    buyer: Buyer | None = Field(None, description="needed for `wholesale`")
    selection: Selection | None = Field(None, description="needed for `wholesale`")
    currency: Currency | None = Field(
        None, description="currency of the amount, converted into the queue's; unset: the queue's"
    )
    offered: Words | None = Field(
        None, description="for `will_think` and `lost`: the offer, to be sent in writing (A13, A16)"
    )
    cashless: Flag = Field(
        False, description="for `awaiting_payment`: by invoice, with 7 days to pay (B16)"
    )

    def to_settlement(self) -> Settlement:
        """The settlement as the service's own type."""
        sent = (self.outcome, self.reason, self.amount, self.note, self.until)
        more = (self.buyer, self.selection, self.currency, self.offered)
        return Settlement(*sent, *more, self.cashless)
