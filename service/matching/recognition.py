"""Which card belongs to own marks (rule A24): it shares the strongest mark and contradicts none.

Of several cards with the same mark, the one with an order in work wins (B2). When none of them or
several have one, no card is chosen and all are shown.
"""

from collections.abc import Sequence

from service.leads.card import GUARDED_FIRST, OWN_CARD, newest_contacts
from service.leads.context import Contact, CustomerContext
from service.leads.customer import Recognition
from service.leads.identity import Evidence
from service.leads.unchanging import replace, unchanging
from service.matching.marks import Mark
from service.matching.same_client import are_one_client, shared_marks
from service.rules.ownership import has_order_in_work

BY_MARK, BY_ORDER = "A24", "B2"
UNSURE = 9


@unchanging
class MarkedCard:
    """A card with its marks; `version` counts changes of what decides the routing."""

    external_id: str
    version: int
    context: CustomerContext
    marks: tuple[Mark, ...]
    name: str | None = None


@unchanging
class MarkedTalk:
    """A talk with a client who had no card then, and the client's marks (rule A9)."""

    contact: Contact
    marks: tuple[Mark, ...]


@unchanging
class FoundCard:
    """The recognised card, None for nobody; `how` is None when no card has the marks.

    `strength` is that of the strongest shared mark: 0 for the card's own number, 9 for nobody.
    """

    card: MarkedCard | None
    how: Recognition | None
    strength: int = UNSURE

    def context(self, cards: Sequence[MarkedCard]) -> CustomerContext | None:
        """The context for the routing: the card's, or only a class when several cards match.

        The class is the one that protects the client most, so a super VIP gets the right staff even
        if another card has the same number (B3).
        """
        if self.card is not None or self.how is None:
            return None if self.card is None else self.card.context
        classes = {
            item.context.client_class for item in cards if item.external_id in self.how.cards
        }
        guarded = next(item for item in GUARDED_FIRST if item in classes)
        return CustomerContext(client_class=guarded)


NO_CARD_FOUND = FoundCard(None, None)


def recognise(marks: Sequence[Mark], cards: Sequence[MarkedCard]) -> FoundCard:
    """The card of a client with these own marks, out of the cards that share a mark.

    The shop's own card goes before one that nextlead made; the two are merged soon.
    """
    sharing = [
        (card, shared_marks(marks, card.marks))
        for card in cards
        if are_one_client(marks, card.marks)
    ]
    if not sharing:
        return NO_CARD_FOUND
    surest = min(_sureness(shared) for _, shared in sharing)
    sharing = [(card, shared) for card, shared in sharing if _sureness(shared) == surest]
    shops = [pair for pair in sharing if not pair[0].external_id.startswith(OWN_CARD)]
    sharing = shops or sharing
    found = [card for card, _ in sharing]
    by = tuple(sorted({mark.evidence for _, shared in sharing for mark in shared}))
    if len(found) == 1:
        return FoundCard(found[0], Recognition(by, (found[0].external_id,), BY_MARK), surest)
    names = tuple(sorted(card.external_id for card in found))
    busy = [card for card in found if has_order_in_work(card.context)]
    how = Recognition(by, names, BY_ORDER)
    return FoundCard(busy[0], how, surest) if len(busy) == 1 else FoundCard(None, how)


def with_talks(
    context: CustomerContext | None, marks: Sequence[Mark], talks: Sequence[MarkedTalk]
) -> CustomerContext | None:
    """The context with the client's talks, also those that are on no card (rule A9)."""
    theirs = [talk.contact for talk in talks if are_one_client(marks, talk.marks)]
    if not theirs:
        return context
    known = context or CustomerContext()
    return replace(known, contacts=newest_contacts((*known.contacts, *theirs)))


def _sureness(shared: Sequence[Mark]) -> int:
    """The strength of the strongest mark; a customer number counts as 0."""
    return min(0 if mark.evidence is Evidence.CUSTOMER else mark.strength for mark in shared)
