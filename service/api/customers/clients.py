"""Clients for people: find, merge, block, and choose the owner."""

from dataclasses import astuple
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from service.api.customers.customer_answers import (
    BlockedMarksOut,
    ChangedCardOut,
    FoundClientsOut,
    MergeOut,
)
from service.api.customers.customer_rendering import blocked_mark, card, found_client, merge
from service.api.dependencies import KeyOf, ReachOf, ResourcesOf, needs, strict_router
from service.api.leads import lead_rendering
from service.flows.customers.block_mark import BlockRequest, block_mark, unblock_mark, view_blocked
from service.flows.customers.find_clients import ClientQuestion, find_clients
from service.flows.customers.keep_on_card import add_selections, give_owner
from service.flows.customers.merge_clients import MergeRequest, merge_clients
from service.flows.customers.undo_merge import undo_merge
from service.flows.leads.update_customer import Changed
from service.flows.upkeep.confine_key import Reach, clients_within
from service.leads.errors import CustomerNotFound, FieldMistake, InvalidRequest, MoveNotAllowed
from service.resources import Resources
from service.schemas.clients import (
    BlockIn,
    ClientQuestionIn,
    MergeIn,
    OwnerIn,
    ReasonIn,
    SelectionsIn,
)
from service.schemas.fields import Id

router = strict_router("customers")

InPath = Annotated[Id, Path()]
Asked = Annotated[str | None, Query(min_length=1, max_length=254)]


@router.get(
    "",
    name="find_customers",
    response_model=FoundClientsOut,
    openapi_extra=needs("read", dear="lists"),
)
async def search(
    resources: ResourcesOf,
    reach: ReachOf,
    phone: Asked = None,
    email: Asked = None,
    messenger: Asked = None,
    number: Asked = None,
    name: Asked = None,
) -> Response:
    """Find a client by a phone, an e-mail, `telegram:111`, a card's or order's number, or a name.

    For a client without a card, `external_id` is null and the ids of their leads are given.
    """
    asked = ClientQuestion(phone, email, messenger, number, name)
    return await _found(resources, reach, asked, "query")


@router.post(
    "/find",
    name="find_customers_by_body",
    response_model=FoundClientsOut,
    openapi_extra=needs("read", dear="lists"),
)
async def find(resources: ResourcesOf, reach: ReachOf, sent: ClientQuestionIn) -> Response:
    """Find a client, as `GET /v1/customers` does, without personal data in the address."""
    return await _found(resources, reach, ClientQuestion(**sent.model_dump()), "body")


async def _found(resources: Resources, reach: Reach, asked: ClientQuestion, place: str) -> Response:
    if sum(item is not None for item in astuple(asked)) != 1:
        remedy = "Send one of phone, email, messenger, number, name."
        raise InvalidRequest([FieldMistake(place, "exactly one search field is expected", remedy)])
    found = await clients_within(resources, reach, await find_clients(resources, asked))
    return lead_rendering.answer({"customers": [found_client(item) for item in found]})


@router.post(
    "/merge",
    name="merge_customers",
    response_model=MergeOut,
    openapi_extra=needs("operate", raises=(CustomerNotFound, MoveNotAllowed)),
)
async def merge_two(resources: ResourcesOf, key: KeyOf, sent: MergeIn) -> Response:
    """Merge two clients into one: their cards, or the leads of clients without a card (A20)."""
    wanted = MergeRequest(sent.into, sent.source, sent.reason, key.name)
    done, leads = await merge_clients(resources, wanted)
    return lead_rendering.answer(merge(done, leads))


@router.post(
    "/merge/{merge_id}/undo",
    name="undo_merge",
    response_model=MergeOut,
    openapi_extra=needs("operate", raises=(CustomerNotFound, MoveNotAllowed)),
)
async def undo(resources: ResourcesOf, key: KeyOf, merge_id: UUID, sent: ReasonIn) -> Response:
    """Undo a merge. Cards and open leads are separate again."""
    done, leads = await undo_merge(resources, merge_id, key.name, sent.reason)
    return lead_rendering.answer(merge(done, leads))


@router.get(
    "/marks/block",
    name="list_blocked_marks",
    response_model=BlockedMarksOut,
    openapi_extra=needs("read"),
)
async def list_blocks(resources: ResourcesOf) -> Response:
    """List all blocked marks, the newest first."""
    found = await view_blocked(resources)
    return lead_rendering.answer({"blocked": [blocked_mark(item) for item in found]})


@router.post(
    "/marks/block",
    name="block_mark",
    response_model=BlockedMarksOut,
    openapi_extra=needs("supervise"),
)
async def block(resources: ResourcesOf, key: KeyOf, sent: BlockIn) -> Response:
    """Block a mark. Its leads are stored with the reason `blocked` and offered to nobody."""
    blocked = await block_mark(
        resources, BlockRequest(sent.mark, sent.reason, sent.until, key.name)
    )
    return lead_rendering.answer({"blocked": [blocked_mark(item) for item in blocked]})


@router.delete(
    "/marks/block",
    name="unblock_mark",
    status_code=204,
    openapi_extra=needs("supervise", raises=(CustomerNotFound,)),
)
async def unblock(
    resources: ResourcesOf,
    mark: Annotated[str, Query(min_length=3, max_length=500)],
) -> Response:
    """Unblock a mark. Its leads are offered again."""
    await unblock_mark(resources, mark)
    return Response(status_code=204)


@router.put(
    "/{external_id}/owner",
    name="give_customer_owner",
    response_model=ChangedCardOut,
    openapi_extra=needs("supervise", raises=(CustomerNotFound,)),
)
async def put_owner(
    resources: ResourcesOf, key: KeyOf, external_id: InPath, sent: OwnerIn
) -> Response:
    """Give a client to one operator. This overrides every rule except B3 and B4 (B19)."""
    owner = sent.to_owner(key.name, resources.clock.now())
    return _changed(await give_owner(resources, external_id, owner, key.name))


@router.delete(
    "/{external_id}/owner",
    name="take_customer_owner",
    response_model=ChangedCardOut,
    openapi_extra=needs("supervise", raises=(CustomerNotFound,)),
)
async def delete_owner(resources: ResourcesOf, key: KeyOf, external_id: InPath) -> Response:
    """Remove the owner given by a supervisor. The rules choose the client's owner again."""
    return _changed(await give_owner(resources, external_id, None, key.name))


@router.post(
    "/{external_id}/selections",
    name="add_customer_selections",
    response_model=ChangedCardOut,
    openapi_extra=needs("operate", raises=(CustomerNotFound,)),
)
async def post_selections(
    resources: ResourcesOf, key: KeyOf, external_id: InPath, sent: SelectionsIn
) -> Response:
    """Store parts that were selected for a client and offered (A28)."""
    now = resources.clock.now()
    selections = [item.to_selection(key.name, now) for item in sent.selections]
    return _changed(await add_selections(resources, external_id, selections, key.name))


def _changed(changed: Changed) -> Response:
    return lead_rendering.answer({**card(changed.card), "rerouted": changed.rerouted})
