"""A client's data: shown to whoever asks for them, and erased."""

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
    """Erase a client by the number of their card: everything personal, everywhere."""
    wanted = ErasureRequest(NamedClient(external_id=external_id), BY_NUMBER, key.name)
    return answer(_erasure(await erase_client(resources, wanted)))


@router.post(
    "/customers/erase",
    name="erase_customer",
    response_model=ErasureOut,
    openapi_extra=needs("admin", raises=(CustomerNotFound, SharedMark, SecretKeyMissing)),
)
async def erase_customer(resources: ResourcesOf, key: KeyOf, sent: EraseIn) -> Response:
    """Erase a client by their card, a mark or a lead; nothing personal stands in the address.

    Numbers and outcomes stay. What is open ends, and is taken from who holds it. What is dated
    before and comes later (a late webhook, a delivery that is read again, a back-up) is dropped and
    counted; what the client writes from now on is a new client's.
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
    """Everything that is kept of a client, and where: what erasing them would take away.

    The key needs the scope `personal`, too.
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
    """What was erased when and by whom, and how much that came again was dropped."""
    page, dropped = await view_erasures(resources, cursor, limit)
    more = str(page[-1].id) if len(page) == limit else None
    return answer({"erasures": [*map(_erasure, page)], "dropped": dropped, "next": more})


def _client(sent: ClientIn) -> NamedClient:
    return NamedClient(sent.external_id, sent.phone, sent.email, sent.messenger, sent.lead)


def _erasure(item: Erasure) -> dict[str, Any]:
    names = ("id", "at", "by", "reason", "counts", "finished_at")
    return {name: getattr(item, name) for name in names}
