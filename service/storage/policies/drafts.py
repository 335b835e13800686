"""Drafts of policies: one for each person and queue."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from service.storage.database import Connection
from service.storage.session_tables import policy_drafts


@dataclass(frozen=True, slots=True)
class Draft:
    """A policy text that is not in force, and the version that it was made from."""

    follows: int
    text: str
    changed_at: datetime


async def find_draft(connection: Connection, person: str, queue: str) -> Draft | None:
    """A person's draft for a queue; None without one."""
    columns = policy_drafts.c
    statement = select(columns.follows, columns.text, columns.changed_at).where(
        columns.person == person, columns.queue == queue
    )
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Draft(**row)


async def put_draft(connection: Connection, person: str, queue: str, draft: Draft) -> None:
    """Store a draft in place of the previous one."""
    columns = {"follows": draft.follows, "text": draft.text, "changed_at": draft.changed_at}
    await connection.execute(
        insert(policy_drafts)
        .values(person=person, queue=queue, **columns)
        .on_conflict_do_update(
            index_elements=[policy_drafts.c.person, policy_drafts.c.queue], set_=columns
        )
    )


async def drop_draft(connection: Connection, person: str, queue: str) -> None:
    """Drop a draft."""
    columns = policy_drafts.c
    await connection.execute(
        delete(policy_drafts).where(columns.person == person, columns.queue == queue)
    )
