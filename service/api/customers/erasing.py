"""Exports and erases the data of a client."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Path, Query, Response

from service.api.customers.erasing_answers import ClientDataOut, ErasureOut, ErasuresOut
from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.document.headers import with_headers
from service.api.leads.lead_rendering import answer
from service.flows.customers.erase_client import ErasureRequest, erase_client, view_erasures
from service.flows.customers.export_client import export_client
from service.flows.customers.find_subject import NamedClient
from service.leads.errors import CustomerNotFound, ScopeMissing, SecretKeyMissing, SharedMark
from service.schemas.clients import ClientIn, EraseIn
from service.schemas.fields import Id
from service.storage.customers.erasures import Erasure

router = strict_router("customers", below="")

BY_NUMBER = "asked for by the number of the card"
AS_A_FILE = {"Content-Disposition": 'attachment; filename="client-data.json"'}


@router.delete(
    "/customers/{external_id}",
    name="delete_customer",
    response_model=ErasureOut,
    openapi_extra=needs("admin", raises=(CustomerNotFound, SecretKeyMissing)),
)
async def delete_customer(
    resources: ResourcesOf, key: KeyOf, external_id: Annotated[Id, Path()]
) -> Response:
    """Erase a client by the number of their card: all their personal data, in every table."""
    wanted = ErasureRequest(NamedClient(external_id=external_id), BY_NUMBER, key.name)
    return answer(_erasure(await erase_client(resources, wanted)))


@router.post(
    "/customers/erase",
    name="erase_customer",
    response_model=ErasureOut,
    openapi_extra=needs("admin", raises=(CustomerNotFound, SharedMark, SecretKeyMissing)),
)
async def erase_customer(resources: ResourcesOf, key: KeyOf, sent: EraseIn) -> Response:
    """Erase a client by their card, a mark or a lead. The address holds nothing personal.

    Figures and outcomes stay. Open leads end and are taken from their holders. Data dated before
    the erasure that arrive later (a late webhook, a replayed delivery, a back-up) are dropped and
    counted. What the client writes from now on belongs to a new client.
    """
    wanted = ErasureRequest(_client(sent), sent.reason, key.name)
    return answer(_erasure(await erase_client(resources, wanted)))


@router.post(
    "/customers/export",
    name="export_customer",
    response_model=ClientDataOut,
    responses={200: with_headers("Content-Disposition")},
    openapi_extra=needs("admin", raises=(CustomerNotFound, SharedMark)),
)
async def export_customer(resources: ResourcesOf, key: KeyOf, sent: ClientIn) -> Response:
    """All data kept of a client, table by table: the data that an erasure would remove.

    The key also needs the scope `personal`.
    """
    if "personal" not in key.scopes:
        raise ScopeMissing(f"The key `{key.name}` lacks the scope `personal`.")
    data = await export_client(resources, _client(sent), key.name)
    body = {"at": data.at, "cards": data.cards, "marks": data.marks, "places": data.places}
    content = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
    return Response(content, headers=AS_A_FILE, media_type="application/json")


@router.get(
    "/erasures", name="list_erasures", response_model=ErasuresOut, openapi_extra=needs("admin")
)
async def list_all(
    resources: ResourcesOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: UUID | None = None,
) -> Response:
    """List erasures, and how many late arrivals were dropped."""
    page, dropped = await view_erasures(resources, cursor, limit)
    more = str(page[-1].id) if len(page) == limit else None
    return answer({"erasures": [*map(_erasure, page)], "dropped": dropped, "next": more})


def _client(sent: ClientIn) -> NamedClient:
    return NamedClient(sent.external_id, sent.phone, sent.email, sent.messenger, sent.lead)


def _erasure(item: Erasure) -> dict[str, Any]:
    names = ("id", "at", "by", "reason", "counts", "finished_at")
    return {name: getattr(item, name) for name in names}
