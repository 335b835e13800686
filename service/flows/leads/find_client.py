"""Find out who a client is: by the cards with their marks, and by what their text mentions."""

from service.flows.leads.marks_of_signal import marks_of_customer
from service.leads.context import CustomerContext
from service.leads.customer import Customer, MentionedIn
from service.leads.lead import Signal
from service.leads.unchanging import replace, unchanging
from service.matching.accounts import with_mentions
from service.matching.marks import Mark
from service.matching.recognition import FoundCard, MarkedCard, recognise, with_talks
from service.resources import Resources
from service.rules.need import Need
from service.storage.policies.queue_context import QueueContext
from service.text.mentions import mentions_in


@unchanging
class IdentifiedClient:
    """The recognised client, what is known of them, and the versions of the cards that were read.

    `strength` is that of the mark by which the card was found, 0 for the card's own number.
    `marks` are the client's own, that number included.
    """

    customer: Customer | None
    context: CustomerContext | None
    seen: tuple[tuple[str, int], ...]
    strength: int
    marks: tuple[Mark, ...] = ()


async def find_client(
    resources: Resources, signal: Signal, basis: QueueContext, marks: tuple[Mark, ...] = ()
) -> IdentifiedClient:
    """Find the client of a signal by the cards that have their marks.

    `marks` are those of the signal's client, where they were read already.
    """
    marks = marks or marks_of_customer(signal.customer, basis)
    identities = tuple(mark.identity for mark in marks)
    known = await resources.stores.marked_cards.of(signal.queue, identities)
    cards, customer = known.cards, signal.customer
    found = recognise(_rare(marks, cards, basis.policy.shared_mark_clients), cards)
    identified = None if customer is None else _identified(customer, found)
    is_same = identified is customer
    return IdentifiedClient(
        customer=identified,
        context=with_talks(found.context(cards), marks, known.talks),
        seen=tuple((card.external_id, card.version) for card in cards),
        strength=found.strength,
        marks=marks if is_same else marks_of_customer(identified, basis),
    )


def _identified(customer: Customer, found: FoundCard) -> Customer:
    """The client with the number of their card, and how it was found."""
    number = found.card.external_id if found.card else customer.external_id
    stays = found.card is not None and number == customer.external_id
    how = customer.recognised if stays and customer.recognised else found.how
    if number == customer.external_id and how == customer.recognised:
        return customer
    return replace(customer, external_id=number, recognised=how)


def with_mentioned(need: Need, basis: QueueContext) -> Need:
    """Add the contacts that the client's text mentions, except for the shop's own."""
    signal = need.signal
    if not signal.text or not (need.recognised.phones or "@" in signal.text):
        return need
    phones, region = need.recognised.phones, basis.policy.region
    found = [
        item
        for item in mentions_in(signal.text, region, MentionedIn.TEXT, phones)
        if not {f"phone:{item.phone}", f"email:{item.email}"} & basis.nobodys
    ]
    customer = with_mentions(signal.customer, found, region)
    situation = replace(need.situation, signal=replace(signal, customer=customer))
    return replace(need, situation=situation)


def _rare(marks: tuple[Mark, ...], cards: list[MarkedCard], limit: int) -> tuple[Mark, ...]:
    """The marks that few enough cards share; a mark that too many share recognises nobody."""
    if len(cards) <= limit:
        return marks
    return tuple(
        mark
        for mark in marks
        if sum(any(item.identity == mark.identity for item in card.marks) for card in cards)
        <= limit
    )
