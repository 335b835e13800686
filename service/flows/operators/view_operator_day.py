"""Show an operator what they did today; nothing changes."""

from zoneinfo import ZoneInfo

from service.resources import Resources
from service.storage.operators.operator_day import OperatorDay, read_day


async def view_operator_day(resources: Resources, name: str) -> OperatorDay:
    """What an operator did since midnight in their first queue; raises OperatorNotFound."""
    directory = resources.stores.directory
    queues = (await directory.operator(name)).queues
    zone = ZoneInfo((await directory.queue(queues[0])).time_zone)
    now = resources.clock.now().astimezone(zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return await read_day(resources.stores.database, name, queues, midnight)
