"""Deliveries of senders: list them, read one, and replay it."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from service.adapters.delivery import Delivery
from service.adapters.encodings import Mended
from service.adapters.ignored import IgnoredReason
from service.adapters.inbound_event import EventName
from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.leads.lead_answers import AnswerModel
from service.api.leads.lead_rendering import answer
from service.api.senders.source_body import SettingName
from service.flows.senders.replay_deliveries import replay_delivery
from service.flows.senders.view_deliveries import view_deliveries, view_delivery
from service.leads.errors import ClientErased, DeliveryNotFound
from service.storage.senders.deliveries import DeliveryFilter, DeliveryState, StoredDelivery

router = strict_router("webhooks", below="/deliveries")

NOTHING_BESIDES: Mapping[str, Any] = {
    **{"lead_id": None, "reason": None, "name": None},
    **{"mended": [], "missing": []},
}


class InboundEventOut(AnswerModel):
    """One event of a delivery, and its lead."""

    event: EventName
    lead_id: UUID | None
    reason: IgnoredReason | None = Field(description="for an ignored event: why it made no lead")
    name: str | None = Field(description="for an ignored event: the sender's name of its type")
    mended: list[Mended] = Field(description="repairs that the body needed before it could be read")
    missing: list[str] = Field(description="parts that the sender could not give")


class DeliveryOut(AnswerModel):
    """A delivery and its result."""

    id: UUID
    source: str
    received_at: datetime
    size: int = Field(description="size of the body in bytes")
    state: DeliveryState
    reason: str | None = Field(
        description="why it is in quarantine or not read yet; for an ignored one, the IgnoredReason"
        " of its first event"
    )
    attempts: int
    next_try_at: datetime | None
    read_at: datetime | None
    result: list[InboundEventOut]


class RequestOut(AnswerModel):
    """A request as it was received, with the source's secrets hidden."""

    method: str
    path: str = Field(description="the part of the address after the source")
    query: str
    headers: list[tuple[str, str]]
    text: str | None = Field(description="the body, if it is text")
    base64: str | None = Field(description="the body, if it is not text")


class OpenedDeliveryOut(DeliveryOut):
    """A delivery with its request."""

    request: RequestOut


class DeliveriesPageOut(AnswerModel):
    """A page of deliveries, the newest first."""

    deliveries: list[DeliveryOut]
    next: str | None


@router.get("", response_model=DeliveriesPageOut, openapi_extra=needs("read", dear="lists"))
async def list_deliveries(
    resources: ResourcesOf,
    state: DeliveryState | None = None,
    source: SettingName | None = None,
    reason: Annotated[
        IgnoredReason | None, Query(description="only deliveries ignored for this reason")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: UUID | None = None,
) -> Response:
    """List deliveries without their content. Those in quarantine need somebody to look at them."""
    wanted = DeliveryFilter(state, source, reason, cursor)
    page = await view_deliveries(resources, wanted, limit)
    more = str(page[-1].id) if len(page) == limit else None
    return answer({"deliveries": [_delivery(item) for item in page], "next": more})


@router.get(
    "/{delivery_id}",
    response_model=OpenedDeliveryOut,
    openapi_extra=needs("admin", raises=(DeliveryNotFound,)),
)
async def get_delivery(resources: ResourcesOf, delivery_id: UUID) -> Response:
    """Read one delivery with its request, which holds clients' data."""
    opened = await view_delivery(resources, delivery_id)
    return answer({**_delivery(opened.stored), "request": _request(opened.request)})


@router.post(
    "/{delivery_id}/replay",
    response_model=DeliveryOut,
    openapi_extra=needs("admin", raises=(ClientErased, DeliveryNotFound)),
)
async def replay_sender_delivery(resources: ResourcesOf, key: KeyOf, delivery_id: UUID) -> Response:
    """Read a delivery again, whatever its result, for example after its mapping was corrected."""
    return answer(_delivery(await replay_delivery(resources, delivery_id, key.name)))


def _delivery(of: StoredDelivery) -> dict[str, Any]:
    waits = of.state is DeliveryState.RECEIVED
    names = ("id", "source", "received_at", "size", "state", "reason", "attempts", "read_at")
    return {
        **{name: getattr(of, name) for name in names},
        "next_try_at": of.next_try_at if waits else None,
        "result": [{**NOTHING_BESIDES, **item} for item in of.result or []],
    }


def _request(of: Delivery) -> dict[str, Any]:
    text = _text(of.body)
    encoded = base64.b64encode(of.body).decode() if text is None else None
    shown = {name: getattr(of, name) for name in ("method", "path", "query", "headers")}
    return {**shown, "text": text, "base64": encoded}


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
