"""Decides what a bound key may reach, by the path, the query or the body of a request.

A request that names nothing the key is bound to is refused.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Request

from service.flows.upkeep.confine_key import (
    EVERYTHING,
    Reach,
    confine_to_client,
    confine_to_lead,
    confine_to_operator,
    reach_of,
)
from service.leads.errors import KeyBound
from service.resources import Resources
from service.storage.api_keys import Key

# Their answers hold nothing of a queue or a client.
OF_NOBODY = {"/v1/rules", "/v1/policy/schema", "/v1/adapters", "/v1/adapters/{adapter}"}
# Their answers are reduced to what the key may reach.
CUT_DOWN = {"/v1/operators", "/v1/queues", "/v1/customers", "/v1/customers/find"}
BY_QUERY = {("GET", "/v1/leads"), ("GET", "/v1/leads/export")}
BY_BODY = {("POST", path) for path in ("/v1/leads", "/v1/leads/bulk", "/v1/wishes/arrived")}
BY_LINES = {("POST", "/v1/leads/import")}  # each line is checked as it arrives
OF_CLIENT = {
    ("GET", "/v1/customers/{external_id}"),
    ("POST", "/v1/customers/{external_id}/selections"),
}
OF_SOURCES = {
    *(("POST", path) for path in ("/v1/leads", "/v1/leads/import", "/v1/leads/{lead_id}/call")),
    ("PATCH", "/v1/leads/{lead_id}"),
}
NEW_OPERATOR = {"queues": ["main"]}  # the default of a body that names no queue


async def confine(request: Request, resources: Resources, key: Key, path: str) -> None:
    """Raise KeyBound, LeadNotFound or CustomerNotFound when the key may not reach the target.

    Stores the key's reach in the state of the request.
    """
    if not key.binding.is_narrow:
        request.state.reach = EVERYTHING
        return
    reach = request.state.reach = await reach_of(resources, key.binding)
    route, names = (request.method.replace("HEAD", "GET"), path), request.path_params
    if key.binding.sources is not None and route not in OF_SOURCES:
        raise KeyBound("This key may only send leads of its sources; use another key for this.")
    if "operator" in names:
        await confine_to_operator(resources, reach, names["operator"])
    elif "queue" in names:
        reach.check_queues([names["queue"]])
    elif "lead_id" in names:
        if (lead_id := _id(names["lead_id"])) is not None:
            await confine_to_lead(resources, reach, lead_id)
    elif route in OF_CLIENT:
        await confine_to_client(resources, reach, names["external_id"])
    elif route in BY_QUERY:
        _check_named(reach, request.query_params.get("queue"))
    elif route not in BY_BODY | BY_LINES and path not in OF_NOBODY | CUT_DOWN:
        raise KeyBound(
            "This call is about the whole service; use a key that is not bound to a part."
        )


async def confine_body(request: Request, resources: Resources, path: str, body: Any) -> None:
    """Raise KeyBound when a body names operators or queues that the key is not bound to."""
    reach: Reach = request.state.reach
    if not reach.binding.is_narrow or not isinstance(body, dict):
        return
    if path == "/v1/leads/bulk":
        wanted = body.get("filter")
        _check_named(reach, wanted.get("queue") if isinstance(wanted, dict) else None)
    if path == "/v1/wishes/arrived":
        _check_named(reach, body.get("queue"))
    if path == "/v1/operators/{operator}" and request.method == "PUT":
        body = {**NEW_OPERATOR, **body}
    reach.check_queues(_queues_in(body, path))
    if path.endswith(("/claim", "/notes")) and isinstance(body.get("operator"), str):
        reach.check_operator(body["operator"])
    if "token" in body and (lead_id := _id(request.path_params.get("lead_id"))) is not None:
        await confine_to_lead(resources, reach, lead_id, own=True)


def _check_named(reach: Reach, queue: object) -> None:
    if reach.queues is None:
        return
    if not isinstance(queue, str):
        names = ", ".join(f"`{name}`" for name in sorted(reach.queues))
        raise KeyBound(f"Name a queue of this key: {names}.")
    reach.check_queues([queue])


def _queues_in(body: Mapping[str, Any], path: str) -> list[str]:
    """The queues that a body names. A transfer may name any queue, so its queue is left out."""
    named = body.get("queues")
    found = [*named] if isinstance(named, list) else []
    if not path.endswith("/transfer"):
        found.append(body.get("queue"))
    return [name for name in found if isinstance(name, str)]


def _id(value: object) -> UUID | None:
    """A lead's id, or None for text that the route refuses by itself."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
