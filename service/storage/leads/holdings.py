"""The leads that operators hold: counts by kind, and the leads."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, or_, select

from service.leads.lead import Kind, Lead, ParkedFor, State
from service.storage.database import Connection, Database
from service.storage.leads.merge_target import merge_target_id
from service.storage.rows import lead_of
from service.storage.tables import leads

MAX_AFTER_VISIT = 100

Holdings = Mapping[Kind, int]

FULL = """
SELECT operators.name FROM leads JOIN operators ON operators.name = leads.claimed_by
WHERE leads.state = 'claimed'
GROUP BY operators.name, operators.capacity HAVING count(*) >= operators.capacity
LIMIT 10000
"""


# Asked every second, and nearly always there is nobody.
VISITS_OVER = f"""
SELECT DISTINCT parked_by FROM leads AS put_aside
WHERE parked_for = 'visit_over' AND state = 'parked'
    AND NOT EXISTS (
        SELECT FROM leads AS visitors WHERE visitors.claimed_by = put_aside.parked_by
            AND visitors.state = 'claimed' AND visitors.kind = 'office'
    )
LIMIT {MAX_AFTER_VISIT}
"""

ALL_PAUSED = """
SELECT DISTINCT claimed_by FROM leads AS paused
WHERE paused_since IS NOT NULL AND NOT EXISTS (
    SELECT FROM leads AS at_hand WHERE at_hand.claimed_by = paused.claimed_by
        AND at_hand.state = 'claimed' AND at_hand.paused_since IS NULL
)
"""


async def held_kinds(connection: Connection, operator: str) -> Holdings:
    """How many leads of each kind an operator holds."""
    statement = (
        select(leads.c.kind, func.count())
        .where(leads.c.claimed_by == operator, leads.c.state == State.CLAIMED)
        .group_by(leads.c.kind)
    )
    return Counter({Kind(row[0]): row[1] for row in await connection.execute(statement)})


async def full_operators(database: Database) -> frozenset[str]:
    """The operators who hold as many leads as they may."""
    return frozenset(row["name"] for row in await database.fetch(FULL))


async def count_holdings(connection: Connection) -> Mapping[str, Holdings]:
    """How many leads of each kind each operator holds; operators without leads are left out."""
    statement = (
        select(leads.c.claimed_by, leads.c.kind, func.count())
        .where(leads.c.state == State.CLAIMED)
        .group_by(leads.c.claimed_by, leads.c.kind)
    )
    found: dict[str, Counter[Kind]] = defaultdict(Counter)
    for row in await connection.execute(statement):
        found[row[0]][Kind(row[1])] = row[2]
    return found


async def locked_with_held(
    connection: Connection, operator: str, lead_id: UUID | None = None
) -> tuple[Lead | None, list[Lead]]:
    """A lead, or the one it was merged into, and all others that an operator holds, locked.

    Raises LeadNotFound. The operator's lock must be held; rows are locked in the order of their
    ids.
    """
    if lead_id is not None:
        lead_id = await merge_target_id(connection, lead_id)
    held = (leads.c.claimed_by == operator) & (leads.c.state == State.CLAIMED)
    wanted = held if lead_id is None else or_(held, leads.c.id == lead_id)
    statement = select(leads).where(wanted).order_by(leads.c.id).with_for_update()
    found = [lead_of(row) for row in (await connection.execute(statement)).mappings()]
    target = next((item for item in found if item.id == lead_id), None)
    if target is not None and target.joined_into is not None:  # merged since it was looked up
        return await locked_with_held(connection, operator, target.joined_into)
    return target, [item for item in found if item.id != lead_id]


async def locked_after_visit(connection: Connection, operator: str) -> list[Lead]:
    """Calls that an operator parked for a visitor, locked; none while a visitor is there."""
    if (await held_kinds(connection, operator)).get(Kind.OFFICE):
        return []
    statement = (
        select(leads)
        .where(
            leads.c.parked_by == operator,
            leads.c.parked_for == ParkedFor.VISIT_OVER,
            leads.c.state == State.PARKED,
        )
        .order_by(leads.c.id)
        .limit(MAX_AFTER_VISIT)
        .with_for_update()
    )
    return [lead_of(row) for row in (await connection.execute(statement)).mappings()]


async def visits_over(database: Database) -> list[str]:
    """Operators who parked calls for a visitor and have no visitor any more."""
    return [row["parked_by"] for row in await database.fetch(VISITS_OVER)]


async def all_paused(database: Database) -> list[str]:
    """Operators whose leads are all paused, because the call on top of them has ended."""
    return [row["claimed_by"] for row in await database.fetch(ALL_PAUSED)]
