"""Operators and the head add to a client's card: an owner by hand (B19), selected parts (A28).

The shop's own system never overwrites either. One transaction writes Postgres only. The client's
leads are routed again, as after a change by the shop's system.
"""

from collections.abc import Sequence
from dataclasses import replace

from service.flows.leads.route_lead import route_open_leads
from service.flows.leads.update_customer import Changed
from service.flows.line.show_in_line import show_all_in_line
from service.leads.card import Card, newest_selections
from service.leads.context import OwnerByHand, SelectedPart
from service.leads.errors import CustomerNotFound
from service.resources import Resources
from service.storage.customers.customers import locked_card, locked_open_leads, put_card
from service.storage.customers.merges import whole_context, whole_of


async def give_owner(
    resources: Resources, external_id: str, owner: OwnerByHand | None, author: str
) -> Changed:
    """Give a client to one operator, or take them back; raises CustomerNotFound, OperatorNotFound.

    An owner by hand precedes every rule except B3 and B4.
    """
    if owner is not None:
        await resources.stores.directory.operator(owner.operator)
    return await _change(resources, external_id, author, owner=owner)


async def add_selections(
    resources: Resources, external_id: str, selections: Sequence[SelectedPart], author: str
) -> Changed:
    """Store which parts were selected and offered; the newest 50 stay. Raises CustomerNotFound."""
    return await _change(resources, external_id, author, selections=tuple(selections))


async def _change(
    resources: Resources,
    external_id: str,
    author: str,
    *,
    owner: OwnerByHand | None = None,
    selections: tuple[SelectedPart, ...] | None = None,
) -> Changed:
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        whole = await whole_of(connection, external_id)
        leads = await locked_open_leads(connection, whole)
        existing = await locked_card(connection, whole)
        if existing is None:
            raise CustomerNotFound(f"No customer is `{external_id}`.")
        context = existing.context
        if selections is None:
            context = replace(context, owner=owner)
        else:
            context = replace(
                context, selections=newest_selections((*context.selections, *selections))
            )
        card: Card = replace(existing, context=context, changed_at=now)
        await put_card(connection, card, now)
        everything = await whole_context(connection, whole) or context
        rerouted = await route_open_leads(connection, resources, leads, everything, author)
    await show_all_in_line(resources, rerouted)
    return Changed(card, False, len(rerouted))
