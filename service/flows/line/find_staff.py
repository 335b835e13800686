"""Find the operators of a queue who are on shift, under the rules of its policy."""

from dataclasses import replace

from service.resources import Resources
from service.rules.staff import StaffOnShift
from service.storage.leads.holdings import full_operators


async def find_staff(resources: Resources, queue: str) -> StaffOnShift:
    """The operators of a queue, at most a few seconds old; raises QueueNotFound."""
    policy = (await resources.stores.bases.of(queue)).policy
    now = resources.clock.now()
    return await resources.stores.directory.staff(queue, now, policy.audience)


async def find_staff_and_load(resources: Resources, queue: str) -> StaffOnShift:
    """The same, with the operators who hold as many leads as they may at this moment."""
    staff = await find_staff(resources, queue)
    return replace(staff, full=await full_operators(resources.stores.database))
