"""An operator ends their claim: sold, lost, cancelled, no answer, to be called again.

Postgres first, guarded by the token, with the event; then the line drops the lead. If the line
misses that, `keep_in_step` repeats it.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from service.flows.claims.end_claim import end_claim
from service.flows.claims.messages_due import message_due, offer_due
from service.flows.claims.pause_held import let_held_go_on
from service.flows.claims.visit_over import bring_back_after_visit, until_visit_is_over
from service.flows.leads.follow_tasks import follow_tasks
from service.flows.leads.update_customer import context_after_end, follow_card
from service.flows.line.place_held import place_when_due
from service.flows.line.show_in_line import show_in_line
from service.leads.card import Card
from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.context import Contact
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Channel, Claim, Intent, Lead, State
from service.leads.price_profile import find_price_profile
from service.leads.settlement import (
    COUNTED,
    NEEDS_NOTE,
    NOBODYS,
    Outcome,
    Settlement,
    SettlementFacts,
    check_settlement,
)
from service.leads.unchanging import replace, unchanging
from service.metrics.families import LEADS_ENDED
from service.resources import Resources
from service.rules.call_again import (
    ARCHIVED,
    CallAgain,
    find_archive_call,
    find_call_again,
    is_archived,
)
from service.rules.policy import Policy
from service.storage.leads.endings import EndOfClaim, end_of_claim
from service.storage.leads.held_leads import HeldLead
from service.storage.leads.history import LeadEvent
from service.storage.policies.queue_context import QueueContext
from service.text.recognition import recognise
from service.tracing.spans import span

CENT = Decimal("0.01")


@unchanging
class _Ending:
    """A settlement with its claim, the client's card and channels, and the next call."""

    settlement: Settlement
    claim: Claim
    card: Card | None
    channels: frozenset[Channel]
    archived: bool
    again: CallAgain | None

    @property
    def note(self) -> str | None:
        """The operator's note, with a mark before it when the client is archived (rule B5)."""
        words = (ARCHIVED if self.archived else None, self.settlement.note)
        return ". ".join(word for word in words if word) or None


async def settle_claim(
    resources: Resources, lead_id: UUID, token: str, settlement: Settlement
) -> Lead:
    """End a claim; a lead that is to be called again is parked until then.

    Raises ClaimGone when the token is not that of the present claim. Raises InvalidRequest that
    names what the outcome needs (rules A11, A15, A19, A21, B8, B12).
    """
    with span("lead.settle") as recorded:
        recorded.set("nextlead.lead_id", str(lead_id))
        recorded.set("nextlead.outcome", settlement.outcome.value)
        return await _settle(resources, lead_id, token, settlement)


async def _settle(resources: Resources, lead_id: UUID, token: str, settlement: Settlement) -> Lead:
    now, end = resources.clock.now(), ClaimEnd(EndVerb.SETTLE, settlement)

    async def decide(held: HeldLead, claim: Claim) -> EndOfClaim:
        return await _decide(resources, (held, claim), end, now)

    lead, ended, more_open = await end_claim(resources, (lead_id, token), end, now, decide)
    if ended is None:
        return lead
    operator = ended.claim.operator
    LEADS_ENDED.add(lead.ranking.kind.value, lead.sender, settlement.outcome.value)
    resources.stores.attendance.seen(operator, now)
    if lead.situation.talked_at is not None:
        resources.stores.directory.forget_staff()  # the wrap-up is over
    await show_in_line(resources, lead)
    await let_held_go_on(resources, ended.claim)
    await bring_back_after_visit(resources, ended.held, operator)
    if _has_talked(settlement) and (more_open or lead.state is not State.SETTLED):
        await follow_card(resources, lead, operator)
        await follow_tasks(resources, lead, settlement.outcome)
    return lead


async def _decide(
    resources: Resources, held_by: tuple[HeldLead, Claim], end: ClaimEnd, now: datetime
) -> EndOfClaim:
    (held, claim), reported = held_by, end.content
    assert isinstance(reported, Settlement), "only settlements come here"
    lead, basis = held.lead, await resources.stores.bases.of(held.lead.signal.queue)
    settlement = _in_own_currency(reported, basis.policy)
    existing = _existing(settlement, held, basis.policy)
    check_settlement(settlement, lead.ranking.kind, now, existing)
    ending = _ending((settlement, claim, held.card, held.channels), lead, basis.policy, now)
    if ending.again is not None:
        again = await until_visit_is_over(resources, lead, settlement, ending.again)
        ending = replace(ending, again=again)
    return _noted(_written(held, ending, basis, end, now), ending, now)


def _has_talked(settlement: Settlement) -> bool:
    return settlement.outcome not in (Outcome.NO_ANSWER, *NOBODYS)


def _in_own_currency(settlement: Settlement, policy: Policy) -> Settlement:
    """Convert the amount to the queue's currency; raises InvalidRequest without a rate."""
    if settlement.amount is None or settlement.currency in (None, policy.currency):
        return replace(settlement, currency=policy.currency)
    worth = policy.in_own_currency(float(settlement.amount), settlement.currency)
    if worth is None:
        reason = f"the policy has no rate for {settlement.currency}"
        remedy = f"Give the amount in {policy.currency}, or put the rate into the policy."
        raise InvalidRequest([FieldMistake("currency", reason, remedy)])
    amount = Decimal(worth).quantize(CENT)
    return replace(settlement, amount=amount, currency=policy.currency)


def _existing(settlement: Settlement, held: HeldLead, policy: Policy) -> SettlementFacts:
    """What is known for the check of a settlement.

    A phone may be on the card, in the signal, or in words (rule B12). A client who wrote is
    answered in writing, even if they called since (A19).
    """
    lead, card = held.lead, held.card
    customers = (lead.signal.customer, card.customer if card else None)
    phone = any(customer is not None and customer.phone for customer in customers)
    if settlement.outcome is Outcome.WISH and not phone:
        words = f"{lead.signal.text or ''}\n{settlement.note or ''}"
        phone = bool(recognise(words, policy.region, None).phones)
    others = held.channels - {lead.signal.channel}
    dialogue = any(policy.channels[channel] in NEEDS_NOTE for channel in others)
    return SettlementFacts(policy.farthest_callback, phone, lead.signal.paid, dialogue)


def _ending(
    reported: tuple[Settlement, Claim, Card | None, frozenset[Channel]],
    lead: Lead,
    policy: Policy,
    now: datetime,
) -> _Ending:
    settlement, _, card, _ = reported
    unanswered = settlement.outcome is Outcome.NO_ANSWER
    context = card.context if card else None
    archived = unanswered and is_archived(context, policy, now)
    if archived and context is not None:
        again = find_archive_call(context, policy, now)
    else:
        again = find_call_again(settlement, lead, policy, now)
    return _Ending(*reported, archived, again)


def _written(
    held: HeldLead, ending: _Ending, basis: QueueContext, end: ClaimEnd, now: datetime
) -> EndOfClaim:
    """The end of the claim, with an event if the client is to be written to (A13, A16, B6)."""
    lead = held.lead
    if ending.again is None:
        state, place = State.SETTLED, _settled(ending, now)
    else:
        state = State.PARKED
        place = place_when_due(lead, basis, ending.again, ending.claim.operator)
    term = basis.policy.follow_ups.cashless_payment
    invoice = {"invoice_ends_at": now + term if ending.settlement.cashless else None}
    changes = {**place, **_given(ending, lead), **invoice}
    written = end_of_claim(held, end, state, _event(ending, now), changes)
    message = _message(ending, written.lead, now)
    return written if message is None else replace(written, events=(*written.events, message))


def _noted(written: EndOfClaim, ending: _Ending, now: datetime) -> EndOfClaim:
    """Add the effects of the end on learning and on the client's card.

    A talk is noted on the card, or by the lead's marks without one (A9).
    """
    card, talked, outcome = ending.card, _has_talked(ending.settlement), ending.settlement.outcome
    is_counted = written.lead.state is State.SETTLED and outcome in COUNTED
    won = outcome is Outcome.WON if is_counted else None
    if card is None:
        return replace(written, won=won, talked=talked)
    contact = Contact(ending.claim.operator, now)
    context = context_after_end(card, written.lead, contact, talked=talked)
    changed = None if context == card.context else context
    return replace(written, won=won, context=changed, asks=talked)


def _settled(ending: _Ending, now: datetime) -> dict[str, object]:
    return {
        "outcome": ending.settlement.outcome.value,
        "reason": ending.settlement.reason,
        "settled_at": now,
        "settled_by": ending.claim.operator,
        "counted": ending.settlement.outcome in COUNTED,
    }


def _given(ending: _Ending, lead: Lead) -> dict[str, object]:
    requested = ending.settlement
    unanswered = requested.outcome is Outcome.NO_ANSWER
    changes: dict[str, object] = {
        "note": ending.note or lead.note,
        "unanswered_calls": lead.unanswered_calls + unanswered,
        "amount": _amount(ending, lead),
    }
    if requested.buyer is not None and requested.selection is not None:
        changes["price_profile"] = find_price_profile(requested.buyer, requested.selection).value
    return changes


def _amount(ending: _Ending, lead: Lead) -> Decimal | None:
    """The lead's sum; one that awaits payment stays until it comes or the lead is settled (A14)."""
    requested = ending.settlement
    if ending.again is None:
        return requested.amount
    awaits = requested.outcome is Outcome.AWAITING_PAYMENT and requested.amount is not None
    return requested.amount if awaits else lead.amount


def _event(ending: _Ending, now: datetime) -> LeadEvent:
    requested, again = ending.settlement, ending.again
    details: dict[str, object] = {"outcome": requested.outcome.value, "note": ending.note}
    if requested.amount is not None:
        details["amount"] = f"{requested.amount:.2f}"
        details["currency"] = requested.currency
    if requested.buyer is not None and requested.selection is not None:
        details |= {"buyer": requested.buyer.value, "selection": requested.selection.value}
        details["price_profile"] = find_price_profile(requested.buyer, requested.selection).value
    if again is not None:
        details |= {"until": again.at, "for": again.parked_for.value}
    kind = "lead.settled" if again is None else "lead.parked"
    return LeadEvent(kind, now, ending.claim.operator, requested.reason, details)


def _message(ending: _Ending, lead: Lead, now: datetime) -> LeadEvent | None:
    """The event that asks to write to the client; None when the caller is no client."""
    if lead.ranking.intent is Intent.OTHER:
        return None
    cards = (lead.signal.customer, ending.card.customer if ending.card else None)
    if ending.settlement.outcome is Outcome.NO_ANSWER:
        return message_due(lead, cards, now, last=ending.again is None)
    return offer_due(lead, ending.settlement, cards, ending.channels, now)
