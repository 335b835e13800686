"""The door for other companies' systems: /webhooks/{adapter}/{source} and any path after it.

A request is read once, as bytes. Its size and time are limited, and so is the memory of all
requests together. The adapter decides the methods; the source decides who may send. The address may
contain a token, so it is never logged.
"""

import asyncio

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from service.adapters.adapter import Adapter
from service.adapters.delivery import Delivery, Reply
from service.connections.bounded_protocol import prove
from service.flows.senders.receive_delivery import Addressed, find_addressed, receive_delivery
from service.leads.errors import (
    BodyTooLarge,
    BodyTooSlow,
    MalformedBody,
    NotAuthentic,
    Overloaded,
    RateLimit,
    TooManyUnproven,
)
from service.resources import Resources
from service.webhooks.body_budget import MemoryBudget, Take

BEGINNING = "/webhooks/"
BODY_SECONDS = 60  # a mail with photographs, over a slow line
TOO_SLOW = f"It took over {BODY_SECONDS} seconds, or faster ones needed its place; send it again."


class Door:
    """The door as an application of its own, because it takes any method of an adapter."""

    def __init__(self) -> None:
        self._room = MemoryBudget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as its sender expects, or raise an error that becomes a problem."""
        request = Request(scope, receive)
        await _response(await _take(request, self._room))(scope, receive, send)


ROUTES = [Route(BEGINNING + "{address:path}", Door())]


async def _take(request: Request, room: MemoryBudget) -> Reply:
    resources: Resources = request.app.state.resources
    address = _raw_path(request).partition(BEGINNING)[2]
    adapter, source, rest = [*address.split("/", 2), "", ""][:3]
    addressed = await find_addressed(resources, adapter, source, rest)
    if request.method not in addressed.adapter.methods:
        request.state.methods = addressed.adapter.methods
        raise HTTPException(405)
    sender, clock = _address_of(request), asyncio.timeout(BODY_SECONDS)
    if resources.crowd.refuses(sender) and not addressed.takes_calls:
        raise Overloaded("Too many requests are under way; send it again in a moment.")
    with room.of(source, sender, lambda: clock.reschedule(0)) as take:
        body = await _body(request, addressed.adapter, take, clock)
        delivery = Delivery(
            method=request.method,
            body=body,
            received_at=resources.clock.now(),
            headers=tuple((name.lower(), value) for name, value in request.headers.items()),
            path=addressed.path,
            query=_query(request),
            url=_url(request, resources.public_url, address),
        )
        reply = await _proven(request, resources, addressed, delivery)
    prove(request.scope)
    resources.crowd.remember(sender)
    return reply


async def _proven(
    request: Request, resources: Resources, addressed: Addressed, delivery: Delivery
) -> Reply:
    """The reply to a sender that proved itself; failed proofs are counted by address."""
    try:
        return await receive_delivery(resources, addressed, delivery)
    except NotAuthentic:
        if not resources.admission.spend(_address_of(request)):
            limit = RateLimit("unproven", resources.admission.per_second)
            raise TooManyUnproven("Send a valid signature, or wait a second.", limit) from None
        raise


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def _query(request: Request) -> str:
    given: bytes = request.scope["query_string"]
    return given.decode("latin-1")


def _url(request: Request, public_url: str | None, address: str) -> str:
    """The whole address as the sender knows it."""
    base, query = public_url or str(request.base_url).rstrip("/"), _query(request)
    return f"{base}{BEGINNING}{address}{'?' if query else ''}{query}"


def _raw_path(request: Request) -> str:
    """The path exactly as it was sent, because signatures cover it."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.decode("latin-1")


async def _body(request: Request, adapter: Adapter, take: Take, clock: asyncio.Timeout) -> bytes:
    """Read the raw bytes; raises BodyTooLarge before reading more than the adapter takes.

    Raises BodyTooSlow when the body does not end in time, and Overloaded when memory is short.
    """
    limit, length = adapter.max_bytes, request.headers.get("content-length", "")
    too_large = BodyTooLarge(f"At most {limit} bytes are taken.")
    if length.isdecimal() and int(length[:12]) > limit:
        raise too_large
    body = bytearray()
    try:
        async with clock:
            async for chunk in request.stream():
                take(len(chunk))
                body += chunk
                if len(body) > limit:
                    raise too_large
    except ClientDisconnect:
        raise MalformedBody("The connection ended before the body did.") from None
    except TimeoutError:
        raise BodyTooSlow(TOO_SLOW) from None
    return bytes(body)


def _response(reply: Reply) -> Response:
    headers = {**reply.headers, "content-type": reply.media_type}
    return Response(reply.body, reply.status, headers)
