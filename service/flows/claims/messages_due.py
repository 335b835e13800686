"""Ask to write to clients who did not answer (B6), or were offered something (A13, A16).

The program that writes looks the address up; the history holds none.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from service.leads.addresses import (
    kinds_of_address,
    preferred_address,
    preferred_for_offer,
    written_channels,
)
from service.leads.customer import Customer
from service.leads.lead import Channel, Intent, Lead
from service.leads.settlement import Outcome, Settlement
from service.storage.leads.history import LeadEvent

MESSAGE_DUE, OFFER_DUE = "message.due", "offer.due"
ASKED_IN_WRITING = (Channel.VIN_REQUEST, Channel.EMAIL, Channel.LANDING_FORM)


def message_due(
    lead: Lead, cards: Iterable[Customer | None], now: datetime, *, last: bool
) -> LeadEvent:
    """The event that asks to write to a client who did not answer, also after the last try (B6)."""
    existing = kinds_of_address(cards)
    details = {
        "preferred": preferred_address(lead.signal.channel, existing),
        "known": existing,
        "tries": lead.unanswered_calls,
        "last": last,
    }
    return LeadEvent(MESSAGE_DUE, now, "nextlead", "the client did not answer", details)


def offer_due(
    lead: Lead,
    settlement: Settlement,
    cards: Iterable[Customer | None],
    channels: Collection[Channel],
    now: datetime,
) -> LeadEvent | None:
    """The event that asks to send an offer in writing; None when there is nothing to send.

    It is for clients who think about an offer (A13), and for requests by form or mail that were
    lost (A16, A17).
    """
    thinks = settlement.outcome is Outcome.WILL_THINK
    asked = lead.signal.channel in ASKED_IN_WRITING and lead.ranking.intent is Intent.SALE
    if not thinks and not (settlement.outcome is Outcome.LOST and asked):
        return None
    dialogues = written_channels(channels)
    email = "email" in kinds_of_address(cards)
    details = {
        "preferred": preferred_for_offer(lead.signal.channel, dialogues, email=email),
        "known": sorted({*dialogues, *(["email"] if email else [])}),
        "offered": settlement.offered,
        "rule": "A13" if thinks else "A16",
    }
    reason = "the client thinks about it" if thinks else "the request came to nothing"
    return LeadEvent(OFFER_DUE, now, "nextlead", reason, details)
