"""Links from a lead to the shop's other systems, as the policy writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.leads.card import Card
from service.leads.context import OrderState
from service.leads.lead import Channel, Lead
from service.resources import Resources
from service.rules.links import Link, places_of

MAX_ORDERS = 5
ORDER = "order"


@dataclass(frozen=True, slots=True)
class ShownLink:
    """What stands on the button, and where it leads."""

    title: str
    address: str


async def view_links(resources: Resources, lead: Lead, card: Card | None) -> Sequence[ShownLink]:
    """The links of the policy for which the lead has every value; one for each open order."""
    policy = (await resources.stores.bases.of(lead.signal.queue)).policy
    links = [link for link in policy.links if _is_for(link, lead)]
    return list(dict.fromkeys(shown for link in links for shown in _filled(link, lead, card)))


def _is_for(link: Link, lead: Lead) -> bool:
    return not link.sources or lead.signal.source in link.sources


def _filled(link: Link, lead: Lead, card: Card | None) -> list[ShownLink]:
    values = _values(lead, card)
    if ORDER not in places_of(link.address):
        address = link.filled(values)
        return [] if address is None else [ShownLink(link.title, address)]
    found = [(number, link.filled({**values, ORDER: number})) for number in _orders(lead, card)]
    return [ShownLink(f"{link.title} {number}", of) for number, of in found if of is not None]


def _values(lead: Lead, card: Card | None) -> Mapping[str, str | None]:
    signal, sent = lead.signal, lead.signal.customer
    known = card.customer if card else None

    def of(name: str) -> str | None:
        return getattr(sent, name, None) or getattr(known, name, None)

    return {
        "lead": str(lead.id),
        "source": signal.source,
        "external_id": signal.external_id,
        "customer": of("external_id"),
        "vin": signal.vin,
        "phone": of("phone"),
        "email": of("email"),
    }


def _orders(lead: Lead, card: Card | None) -> Sequence[str]:
    """The numbers of the lead's own order and of the client's open ones."""
    own = lead.signal.external_id if lead.signal.channel is Channel.SITE_ORDER else None
    orders = card.context.orders if card else ()
    opened = [order.number for order in orders if order.state is not OrderState.DONE]
    return [*dict.fromkeys([*([own] if own else []), *opened])][:MAX_ORDERS]
