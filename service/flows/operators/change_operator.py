"""The head of sales says who serves which queues, and which queues there are (rule B1)."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.flows.policies.change_policy import let_policy_follow
from service.hours.timetable_text import TimetableMistakes, read_timetable
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.operator import Operator
from service.resources import Resources
from service.storage.operators.operators import Queue, list_queues, put_operator, put_queue


async def change_operator(resources: Resources, operator: Operator) -> bool:
    """Make or change an operator; True when he is new. His queues must exist."""
    now = resources.clock.now()
    _check_shifts(operator)
    async with resources.stores.database.transaction() as connection:
        existing = {queue.name for queue in await list_queues(connection)}
        unknown = [name for name in operator.queues if name not in existing]
        if unknown:
            reason, remedy = f"no queue is called `{unknown[0]}`", "Make that queue first."
            raise InvalidRequest([FieldMistake("queues", reason, remedy)])
        created = await put_operator(connection, operator, now)
    resources.stores.directory.forget()
    return created


async def change_queue(resources: Resources, queue: Queue, author: str) -> bool:
    """Make or change a queue; True when it is new.

    Where its policy says another currency or time zone, a new version of it follows the queue.
    """
    _check_time_zone(queue.time_zone)
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        created = await put_queue(connection, queue, now)
        await let_policy_follow(resources, connection, queue, author)
    resources.stores.directory.forget()
    resources.stores.bases.forget()
    return created


def _check_shifts(operator: Operator) -> None:
    try:
        if operator.shifts is not None:
            # what is right or wrong in it is the same in every zone
            read_timetable(operator.shifts, ZoneInfo("UTC"), "shifts")
    except TimetableMistakes as error:
        raise InvalidRequest(error.mistakes) from None


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reason, remedy = f"`{name}` is no time zone", "Send a name like Europe/Moscow."
        raise InvalidRequest([FieldMistake("time_zone", reason, remedy)]) from None
