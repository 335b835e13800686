"""The head of sales changes the policy of a queue (rule B1).

One transaction writes Postgres only: the new version, the queue's columns that follow it, and the
event. Every replica asks for the version in force twice a second. Then `keep_in_step` ranks again
the leads that an earlier version ranked.
"""

import asyncio
from dataclasses import dataclass

import structlog

from service.flows.policies.check_text import CheckedText, check_text, rewritten
from service.leads.errors import PolicyChanged
from service.resources import Resources
from service.storage.customers.marks import let_marks_be_read_again
from service.storage.database import Connection
from service.storage.operators.operators import Queue
from service.storage.policies.policies import (
    Version,
    find_version,
    let_queue_follow,
    put_in_force,
    version_in_force,
)
from service.storage.queues.queue_events import QueueEvent, append_queue_event

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Revision:
    """Who replaces which version of a queue's policy, and why."""

    queue: str
    author: str
    follows: int
    note: str | None = None


async def change_policy(resources: Resources, revision: Revision, text: str) -> Version:
    """Put a policy in force and return the version that is in force afterwards.

    A text equal to the one in force makes no new version. Raises InvalidRequest with every mistake
    of the text, PolicyChanged unless the revision follows the version in force, and QueueNotFound.
    """
    return await _replace(resources, revision, await check_text(resources, text))


async def restore_policy(resources: Resources, revision: Revision, version: int) -> Version:
    """Put the text of an earlier version in force again, as the newest version.

    Raises PolicyNotFound, PolicyChanged and QueueNotFound. Raises InvalidRequest when today's
    checks refuse the old text.
    """
    await resources.stores.bases.of(revision.queue)
    async with resources.stores.database.transaction() as connection:
        earlier = await find_version(connection, revision.queue, version)
    checked = await check_text(resources, earlier.text)
    note = f"version {version} again" + (f": {revision.note}" if revision.note else "")
    restoring = Revision(revision.queue, revision.author, revision.follows, note)
    return await _replace(resources, restoring, checked)


async def _replace(resources: Resources, revision: Revision, checked: CheckedText) -> Version:
    """Write a checked text as the next version."""
    queue, now = revision.queue, resources.clock.now()
    await resources.stores.bases.of(queue)  # writes the first version of a new queue
    async with resources.stores.database.transaction() as connection:
        existing = await version_in_force(connection, queue, locked=True)
        if existing != revision.follows:
            raise PolicyChanged(f"Version {existing} is in force; look at it, then try again.")
        present = await find_version(connection, queue, existing)
        if present.text == checked.text:
            return present
        newest = Version(queue, existing + 1, checked.text, revision.author, now, revision.note)
        await _bring_into_force(connection, newest, checked)
        in_force = await resources.stores.bases.policy(queue, existing)
        if checked.region != in_force.region:
            await let_marks_be_read_again(connection)
    _forget(resources)
    log.info("policy.changed", queue=queue, policy_version=newest.version)
    return newest


async def let_policy_follow(
    resources: Resources, connection: Connection, queue: Queue, author: str
) -> None:
    """Write the currency and time zone of a changed queue into its policy.

    Only the two values in the text change; the rest stays, comments included. A policy always names
    both at its top. A queue without a policy needs nothing: its first version is made from the
    queue's own values. The caller commits.
    """
    existing = await version_in_force(connection, queue.name, locked=True)
    if existing == 0:
        return
    present = await find_version(connection, queue.name, existing)
    values = {"currency": queue.currency, "time_zone": queue.time_zone}
    in_force = await resources.stores.bases.policy(queue.name, existing)
    if (in_force.currency, str(in_force.hours.timetable.zone)) != (queue.currency, queue.time_zone):
        checked = await asyncio.to_thread(rewritten, present.text, values)
        note = f"the queue's currency is {queue.currency}, its time zone {queue.time_zone}"
        now = resources.clock.now()
        newest = Version(queue.name, existing + 1, checked.text, author, now, note)
        await _bring_into_force(connection, newest, checked)


async def _bring_into_force(connection: Connection, version: Version, checked: CheckedText) -> None:
    await put_in_force(connection, version)
    await let_queue_follow(connection, version.queue, checked.currency, checked.time_zone)
    details = {"version": version.version, "note": version.note}
    event = QueueEvent(version.queue, "policy.changed", version.at, version.author, details)
    await append_queue_event(connection, event)


def _forget(resources: Resources) -> None:
    resources.stores.directory.forget()
    resources.stores.bases.forget()
