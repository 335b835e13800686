"""An operator comes, takes a break, or goes off shift.

Postgres is written first, under the operator's lock. No claim of theirs is confirmed at the same
time, so the list of leads that they hold is complete. Going off shift opens their lane to
everybody. Operators who wait look at the line every two seconds, so nobody has to be woken. Other
processes read the presence again within two seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.flows.line.watch_staff import watch_staff_of
from service.leads.lead import Lead
from service.leads.operator import Operator, Presence
from service.resources import Resources
from service.storage.leads.leads import count_held
from service.storage.operators.operators import set_status
from service.storage.operators.presence_changes import PresenceChange, add_presence_change


@dataclass(frozen=True, slots=True)
class OnShift:
    """An operator as they are now; after going offline, `held` are the leads to hand over (B10)."""

    operator: Operator
    held: Sequence[Lead] | None = None


async def change_presence(
    resources: Resources, name: str, status: Presence, reason: str | None = None
) -> OnShift:
    """Store the presence that an operator reports; raises OperatorNotFound.

    A `wrap_up` lasts at most the policy's time after a call; then the operator is online.
    """
    now, until = resources.clock.now(), None
    if status is Presence.WRAP_UP:
        existing = await resources.stores.directory.operator(name)
        policy = (await resources.stores.bases.of(existing.queues[0])).policy
        status, until = Presence.ONLINE, now + policy.wrap_up
    async with resources.stores.database.transaction() as connection:
        await count_held(connection, name)
        shown = Presence.WRAP_UP if until is not None else status
        await add_presence_change(connection, name, PresenceChange(now, shown, reason))
        operator = await set_status(
            connection, name, status, now, reason=reason, wrap_up_until=until
        )
    resources.stores.directory.forget_staff()
    # so that the operator's next request ends the break
    resources.stores.attendance.forget(name)
    if status is not Presence.OFFLINE:
        return OnShift(operator)
    for queue in operator.queues:
        await watch_staff_of(resources, queue)
    return OnShift(operator, await resources.stores.claims.held_by(name))
