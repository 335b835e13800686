"""How a claim ends, as it is sent in."""

from pydantic import Field

from service.api.schemas import TokenIn
from service.flows.claims.park_claim import Parking
from service.flows.claims.transfer_claim import Handover
from service.leads.price_profile import Buyer, Selection
from service.leads.settlement import Outcome, Settlement
from service.schemas.fields import Currency, Moment, Money, OperatorName, Skill, Words


class DeclineIn(TokenIn):
    """Not wanting a lead."""

    reason: Words


class TransferIn(TokenIn):
    """Handing a lead to another operator, or to whoever has a skill."""

    operator: OperatorName | None = Field(None, description="either he or a skill is needed")
    skill: Skill | None = Field(None, description="one that the giver himself lacks")
    note: Words | None = Field(None, description="needed: what was done, what is left to do")

    def to_handover(self) -> Handover:
        """The same in our own words."""
        return Handover(self.operator, self.skill, self.note)


class ParkIn(TokenIn):
    """Putting a lead aside."""

    until: Moment
    note: Words

    def to_parking(self) -> Parking:
        """The same in our own words."""
        return Parking(self.until, self.note)


class SettleIn(TokenIn):
    """How a claim ends."""

    outcome: Outcome
    reason: Words | None = Field(None, description="`lost` and `cancelled` need it")
    amount: Money | None = Field(None, description="`won` needs it")
    note: Words | None = Field(None, description="chats, self orders and wishes need it")
    until: Moment | None = Field(None, description="`callback`: when; unset: in half an hour")
    buyer: Buyer | None = Field(None, description="`wholesale` needs it")
    selection: Selection | None = Field(None, description="`wholesale` needs it")
    currency: Currency | None = Field(
        None, description="of the amount; unset: the queue's, into which another is converted"
    )

    def to_settlement(self) -> Settlement:
        """The same in our own words."""
        sent = (self.outcome, self.reason, self.amount, self.note, self.until)
        return Settlement(*sent, self.buyer, self.selection, self.currency)
