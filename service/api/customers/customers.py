"""Customers' cards: what the shop's own system reports, and how it is read."""

from typing import Annotated

from fastapi import Path, Response

from service.api.customers.customer_answers import ChangedCardOut, ViewedCardOut
from service.api.customers.customer_rendering import card, viewed_card
from service.api.dependencies import KeyOf, ResourcesOf, needs, sender_of, strict_router
from service.api.leads import lead_rendering
from service.flows.leads.check_reporter import OF_SHOP, check_reporter, refuse_replacing
from service.flows.leads.update_customer import update_customer, view_card
from service.leads.card import CardChange
from service.leads.errors import CustomerNotFound
from service.schemas.customers import CardIn
from service.schemas.fields import Id

router = strict_router("customers")

InPath = Annotated[Id, Path()]


@router.put(
    "/{external_id}",
    response_model=ChangedCardOut,
    responses={201: {"model": ChangedCardOut, "description": "The customer is new."}},
    openapi_extra=needs("intake"),
)
async def put_customer(
    resources: ResourcesOf, key: KeyOf, external_id: InPath, sent: CardIn
) -> Response:
    """Create or update a customer's card. Fields left out stay. Open leads are rerouted to fit.

    `class`, `blocked_since`, `call_on`, `orders` and `tasks` also need the scope `crm`. So does a
    change that replaces something: a key without `crm` only adds to a card.
    """
    change, sender = CardChange(sent.to_customer(), sent.to_context()), sender_of(key)
    check_reporter([OF_SHOP[name] for name in change.context if name in OF_SHOP], sender)
    held_to = refuse_replacing(sender)
    changed = await update_customer(resources, external_id, change, key.name, held_to)
    body = {**card(changed.card), "rerouted": changed.rerouted}
    return lead_rendering.answer(body, 201 if changed.created else 200)


@router.get(
    "/{external_id}",
    response_model=ViewedCardOut,
    openapi_extra=needs("read", raises=(CustomerNotFound,)),
)
async def get_customer(resources: ResourcesOf, external_id: InPath) -> Response:
    """A customer's card."""
    return lead_rendering.answer(viewed_card(await view_card(resources, external_id)))
