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
        None, description="one of the three is needed; of another queue: it goes there (B18)"
    )
    skill: Skill | None = Field(None, description="one that the giver lacks")
    queue: QueueName | None = Field(None, description="another queue, such as a region's")
    note: Words | None = Field(None, description="needed: what was done, what is left to do")
    show: ShowIn | None = Field(
        None, description="to the skill `shows`: what of it the lead does not say yet (B15)"
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
        description="`lost` and `cancelled` need it: a name of the policy's `reasons`, or words",
    )
    amount: Money | None = Field(None, description="`won` needs it")
    note: Words | None = Field(
        None,
        description="chats, self orders, wishes, `answered` and `will_think` need it",
    )
    until: Moment | None = Field(
        None, description="`callback`: when; unset: in half an hour. `will_think` needs it"
    )
    buyer: Buyer | None = Field(None, description="`wholesale` needs it")
    selection: Selection | None = Field(None, description="`wholesale` needs it")
    currency: Currency | None = Field(
        None, description="of the amount; unset: the queue's, into which another is converted"
    )
    offered: Words | None = Field(
        None, description="`will_think`, `lost`: what was offered, to be sent in writing (A13, A16)"
    )
    cashless: Flag = Field(False, description="`awaiting_payment`: by an invoice, 7 days (B16)")

    def to_settlement(self) -> Settlement:
        """The settlement as the service's own type."""
        sent = (self.outcome, self.reason, self.amount, self.note, self.until)
        more = (self.buyer, self.selection, self.currency, self.offered)
        return Settlement(*sent, *more, self.cashless)
