"""The last settlement at each desk, so that it can be undone there."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from service.storage.database import Connection
from service.storage.session_tables import desk_ends


@dataclass(frozen=True, slots=True)
class DeskEnd:
    """A settled claim of an operator; its token stays on the server."""

    operator: str
    lead_id: UUID
    token: str
    outcome: str
    ended_at: datetime


async def put_desk_end(connection: Connection, end: DeskEnd) -> None:
    """Store an operator's last settlement in place of the previous one."""
    columns = {
        "lead_id": end.lead_id,
        "token": end.token,
        "outcome": end.outcome,
        "ended_at": end.ended_at,
    }
    await connection.execute(
        insert(desk_ends)
        .values(operator=end.operator, **columns)
        .on_conflict_do_update(index_elements=[desk_ends.c.operator], set_=columns)
    )


async def find_desk_end(connection: Connection, operator: str, since: datetime) -> DeskEnd | None:
    """An operator's last settlement, if it was not before `since`."""
    statement = select(desk_ends).where(
        desk_ends.c.operator == operator, desk_ends.c.ended_at >= since
    )
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else DeskEnd(**row)


async def drop_desk_end(connection: Connection, operator: str) -> None:
    """Delete an operator's last settlement; there is nothing to undo any more."""
    await connection.execute(delete(desk_ends).where(desk_ends.c.operator == operator))
