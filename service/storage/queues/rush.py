"""The state of a rush in a queue, and the waiting work for each operator on shift (A4)."""

from datetime import datetime

from sqlalchemy import func, select, update

from service.leads.lead import State
from service.leads.operator import Presence
from service.rules.policy import Mode
from service.rules.rush import RushState
from service.storage.database import Connection
from service.storage.operators.operators import list_operators
from service.storage.tables import leads, queues

MAX_OPERATORS = 10_000

ON_SHIFT = (Presence.ONLINE, Presence.WRAP_UP)


async def locked_rush(connection: Connection, queue: str) -> tuple[RushState, int]:
    """A queue's state of the rush and its number, locked until the transaction ends."""
    statement = (
        select(queues.c.rush_number, queues.c.rush_exceeded_since)
        .where(queues.c.name == queue)
        .with_for_update(key_share=True)
    )
    row = (await connection.execute(statement)).one()
    mode = Mode.RUSH if row.rush_number % 2 else Mode.CALM
    return RushState(mode, row.rush_exceeded_since), row.rush_number


async def store_rush(connection: Connection, queue: str, state: RushState, number: int) -> None:
    """Store the state of the rush; the number is odd during a rush."""
    values = {"rush_number": number, "rush_exceeded_since": state.exceeded_since}
    await connection.execute(update(queues).where(queues.c.name == queue).values(values))


async def waiting_work(connection: Connection, queue: str) -> float:
    """The minutes of work on waiting leads; parked leads do not count."""
    waits = (leads.c.queue == queue, leads.c.state == State.WAITING.value)
    found = await connection.scalar(select(func.sum(leads.c.work_minutes)).where(*waits))
    return float(found or 0)


async def operators_on_shift(connection: Connection, now: datetime) -> dict[str, float]:
    """How many operators are on shift in each queue; an operator of n queues counts 1/n in each."""
    there: dict[str, float] = {}
    for operator in await list_operators(connection, MAX_OPERATORS):
        if operator.presence(now) in ON_SHIFT:
            for queue in operator.queues:
                there[queue] = there.get(queue, 0.0) + 1 / len(operator.queues)
    return there
