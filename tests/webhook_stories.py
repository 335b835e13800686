"""Senders of webhooks as the tests know them: tawk.to with a signature, Jivo with its address."""

import asyncio
import hmac
import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from service.flows.senders.read_deliveries import asking_adapters, read_deliveries
from service.resources import Resources
from service.storage.senders.deliveries import due_sources

SECRET = "as quiet as a mouse"
UNREAD = """
SELECT count(*) AS count FROM deliveries
WHERE state = 'received' AND (reason IS NULL OR next_try_at <= $1)
"""


async def put_source(client: httpx.AsyncClient, name: str = "shop", **sent: Any) -> dict[str, Any]:
    """A source; one of tawk.to unless something else is said."""
    fresh = (
        {"adapter": "tawk"}
        if "adapter" in sent
        else {"adapter": "tawk", "secrets": {"secret": SECRET}}
    )
    answer = await client.put(f"/v1/sources/{name}", json={**fresh, **sent})
    assert answer.status_code in (200, 201), answer.text
    source: dict[str, Any] = answer.json()
    return source


def path_of(source: dict[str, Any]) -> str:
    """The path of the address that a sender was given."""
    return urlsplit(source["address"]).path


def a_chat(chat: str = "70fe3290", **sent: Any) -> bytes:
    """What tawk.to posts when a visitor writes."""
    message = {"text": "Нужны колодки", "type": "msg", "sender": {"type": "visitor"}}
    body = {
        **{"event": "chat:start", "chatId": chat, "time": "2026-06-10T09:00:00.000Z"},
        **{"message": message, "visitor": {"name": "Ирина", "email": f"{chat}@example.com"}},
        "property": {"id": "58ca8453", "name": "Shop"},
    }
    return json.dumps({**body, **sent}, ensure_ascii=False).encode()


def signed(body: bytes, secret: str = SECRET, event: str | None = None) -> dict[str, str]:
    """The headers that tawk.to sends with it."""
    headers = {
        "Content-Type": "application/json",
        "X-Tawk-Signature": hmac.digest(secret.encode(), body, "sha1").hex(),
    }
    return {**headers, "X-Hook-Event-Id": event} if event else headers


async def deliver(
    client: httpx.AsyncClient, body: bytes, *, to: str = "/webhooks/tawk/shop", **more: Any
) -> httpx.Response:
    """Post it as tawk.to does."""
    return await client.post(to, content=body, headers=signed(body, **more))


async def read_all_due(resources: Resources) -> int:
    """Read everything that is due, one source after the other; how many deliveries."""
    database, now = resources.stores.database, resources.clock.now()
    due = await due_sources(database, now, (), asking_adapters(), (100, 100))
    return sum([await read_deliveries(resources, name) for name, _ in due])


async def all_read(resources: Resources) -> None:
    """Let everything that came in be read, here or by the application itself."""
    async with asyncio.timeout(10):
        while True:
            await read_all_due(resources)
            (row,) = await resources.stores.database.fetch(UNREAD, resources.clock.now())
            if row["count"] == 0:
                return


async def delivered(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """The deliveries as the API shows them, the newest first."""
    answer = await client.get("/v1/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    deliveries: list[dict[str, Any]] = answer.json()["deliveries"]
    return deliveries


async def leads(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every lead that is open."""
    found: list[dict[str, Any]] = (await client.get("/v1/leads")).json()["leads"]
    return found
