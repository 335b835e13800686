"""The head of sales decides which operators serve which queues (rule B1)."""

from zoneinfo import ZoneInfo

from service.hours.timetable_text import TimetableMistakes, read_timetable
from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.operator import Operator
from service.resources import Resources
from service.storage.operators.operators import list_queues, put_operator


async def change_operator(resources: Resources, operator: Operator) -> bool:
    """Create or change an operator; True when they are new.

    Raises InvalidRequest when a queue does not exist or the shifts have mistakes.
    """
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


def _check_shifts(operator: Operator) -> None:
    try:
        if operator.shifts is not None:
            # the zone makes no difference to the check
            read_timetable(operator.shifts, ZoneInfo("UTC"), "shifts")
    except TimetableMistakes as error:
        raise InvalidRequest(error.mistakes) from None
