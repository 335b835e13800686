"""An operator comes, takes a break, or goes off shift.

Postgres first, under the operator's lock: no claim of his is confirmed at the same time, so what
he is said to hold is all that he holds. Who goes off shift opens his lane to everybody: here with
the next look of whoever waits, in other processes when they read anew who is at work, in two
seconds at most; nobody has to be woken for it, for who waits looks every two seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.leads.lead import Lead
from service.leads.operator import Operator, Presence
from service.resources import Resources
from service.storage.leads.leads import count_held
from service.storage.operators.operators import set_status


@dataclass(frozen=True, slots=True)
class OnShift:
    """An operator as he is now; `held` when he went: the leads that he is to hand over (B10)."""

    operator: Operator
    held: Sequence[Lead] | None = None


async def change_presence(resources: Resources, name: str, status: Presence) -> OnShift:
    """Write down what an operator says of himself; raises OperatorNotFound."""
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        await count_held(connection, name)
        operator = await set_status(connection, name, status, now)
    resources.stores.directory.forget()
    # from a break he is back with the very next thing that he asks for
    resources.stores.attendance.forget(name)
    if status is not Presence.OFFLINE:
        return OnShift(operator)
    return OnShift(operator, await resources.stores.claims.held_by(name))
