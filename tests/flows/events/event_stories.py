"""Short ways to subscribe to events and to see what came of them."""

import json
from collections import defaultdict
from typing import Any

from outgoing.receiver import Receiver
from sqlalchemy import text
from standardwebhooks.webhooks import Webhook

from service.flows.events.change_subscription import change_subscription
from service.flows.events.send_events import names_due, pass_events_on, send_due
from service.resources import Resources
from service.storage.events.subscriptions import SubscriptionSpec


async def subscribe(
    resources: Resources, receiver: Receiver, *types: str, name: str = "crm", **more: Any
) -> str:
    """Let the receiver be told from now on; the secret. What happened before is passed over."""
    await pass_events_on(resources)
    wanted = SubscriptionSpec(name, receiver.url, types or ("*",), **more)
    return await change_subscription(resources, wanted, "tests") or ""


async def send_all(resources: Resources) -> None:
    """One round of sending, as the process makes them."""
    await pass_events_on(resources)
    for name in await names_due(resources):
        await send_due(resources, name)


def reported(receiver: Receiver) -> list[dict[str, Any]]:
    """The messages that arrived, in the order in which they came."""
    return [json.loads(request.body) for request in receiver.requests]


def types_told(receiver: Receiver) -> list[str]:
    return [item["type"] for item in reported(receiver)]


def types_by_lead(receiver: Receiver) -> dict[str, list[str]]:
    """What was told of each lead, in order."""
    by_lead = defaultdict(list)
    for item in reported(receiver):
        by_lead[item["data"]["lead_id"]].append(item["type"])
    return by_lead


def ids_told(receiver: Receiver) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.requests]


def verify(secret: str, receiver: Receiver, number: int = -1) -> None:
    """Raise unless the owners' own verifier takes a request, its age included."""
    request = receiver.requests[number]
    Webhook(secret).verify(request.body, request.headers)


async def deliveries(resources: Resources, columns: str = "type, state, attempts") -> list[Any]:
    """The rows of what is or was to be sent, in order."""
    statement = f"SELECT {columns} FROM event_deliveries ORDER BY id"
    async with resources.stores.database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]
