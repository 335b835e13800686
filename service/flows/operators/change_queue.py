"""The head of sales creates and changes queues (rules B1, B18).

One transaction writes Postgres only: the queue and, when it is new, the first version of its
policy.
"""

import asyncio
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.flows.policies.change_policy import let_policy_follow
from service.flows.policies.check_text import rewritten
from service.leads.errors import FieldMistake, InvalidRequest, QueueExists
from service.policies.reading import Shipped, shipped_text
from service.resources import Resources
from service.storage.customers.marks import let_marks_be_read_again
from service.storage.database import Connection
from service.storage.operators.operators import Queue, locked_queue, put_queue
from service.storage.policies.policies import FIRST, Version, put_in_force

NAMED = ("currency", "time_zone", "region")


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """The requested values of a queue; None keeps the policy's value, and as a title, the name."""

    name: str
    title: str | None = None
    currency: str | None = None
    time_zone: str | None = None
    region: str | None = None
    policy: Shipped | None = None


async def change_queue(
    resources: Resources, request: QueueRequest, author: str
) -> tuple[Queue, bool]:
    """Create or change a queue; return it, and whether it is new.

    A new queue begins with a copy of a shipped policy that holds the requested values. When the
    currency or time zone of an existing queue changes, its policy gets a new version with them.
    Raises InvalidRequest, and QueueExists when a policy is given for an existing queue.
    """
    async with resources.stores.database.transaction() as connection:
        existing = await locked_queue(connection, request.name)
        if existing is None:
            changed = await _make(resources, connection, request, author)
        else:
            changed = await _change(resources, connection, existing, request, author)
    resources.stores.directory.forget()
    resources.stores.bases.forget()
    return changed, existing is None


async def _make(
    resources: Resources, connection: Connection, request: QueueRequest, author: str
) -> Queue:
    shipped, now = request.policy or Shipped.AUTO_PARTS, resources.clock.now()
    _check_named(request, shipped)
    named = {name: value for name in NAMED if (value := getattr(request, name)) is not None}
    checked = await asyncio.to_thread(rewritten, shipped_text(shipped), named)
    title = request.title or request.name
    queue = Queue(request.name, title, checked.currency, checked.time_zone)
    if await put_queue(connection, queue, now):  # else somebody else has just made it
        first = Version(
            queue.name, FIRST, checked.text, author, now, f"the shipped policy {shipped}"
        )
        await put_in_force(connection, first)
        regions = {basis.policy.region for basis in (await resources.stores.bases.all()).values()}
        if checked.region not in regions:
            await let_marks_be_read_again(connection)
    return queue


def _check_named(request: QueueRequest, shipped: Shipped) -> None:
    """Require currency and time zone for the `empty` policy, which belongs to no country."""
    lacking = [name for name in ("currency", "time_zone") if getattr(request, name) is None]
    if shipped is Shipped.EMPTY and lacking:
        remedy = "Send it; it is written into the queue's policy."
        reason = f"the policy `{shipped}` needs it"
        raise InvalidRequest([FieldMistake(name, reason, remedy) for name in lacking])


async def _change(
    resources: Resources,
    connection: Connection,
    existing: Queue,
    request: QueueRequest,
    author: str,
) -> Queue:
    if request.policy is not None or request.region is not None:
        place = f"/v1/queues/{existing.name}/policy"
        raise QueueExists(
            f"The queue `{existing.name}` has its policy already; change it by {place}."
        )
    queue = Queue(
        existing.name,
        request.title or request.name,
        request.currency or existing.currency,
        request.time_zone or existing.time_zone,
        existing.closed_at,
    )
    _check_time_zone(queue.time_zone)
    if queue != existing:
        await put_queue(connection, queue, resources.clock.now())
        await let_policy_follow(resources, connection, queue, author)
    return queue


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reason, remedy = f"`{name}` is no time zone", "Send a name like Europe/Moscow."
        raise InvalidRequest([FieldMistake("time_zone", reason, remedy)]) from None
