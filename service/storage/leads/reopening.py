"""Reopens settled leads: a settlement was undone, or a wish can be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select, update

from service.leads.lead import Lead, State, check_reopening
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent, append
from service.storage.leads.leads import change
from service.storage.leads.signal_tables import lead_identities
from service.storage.rows import Row, lead_of
from service.storage.tables import lead_events, leads

MAX_FOLLOWERS = 500

# Further events that a settlement may have caused.
SETTLED, DUE_WITH_IT = "lead.settled", ("message.due", "offer.due")
NOT_SETTLED = {
    **{"outcome": None, "reason": None, "settled_at": None, "settled_by": None},
    "counted": False,
}


async def reopen(
    connection: Connection, lead: Lead, to: State, event: LeadEvent, changes: dict[str, Any]
) -> Lead:
    """Reopen a locked, settled lead with an event; raises MoveNotAllowed in other states."""
    check_reopening(lead.state, to)
    columns = {**NOT_SETTLED, **changes, "state": to.value}
    opened = await change(connection, lead, columns, event.at)
    await append(connection, lead.id, event, before=lead.state, after=to)
    await _open_identities(connection, lead)
    return opened


async def _open_identities(connection: Connection, lead: Lead) -> None:
    """Open the lead's marks; a mark that another open lead has now is contested here."""
    others = lead_identities.alias()
    taken = exists(
        select(others.c.lead_id).where(
            others.c.queue == lead_identities.c.queue,
            others.c.identity == lead_identities.c.identity,
            others.c.open,
        )
    )
    await connection.execute(
        update(lead_identities)
        .where(lead_identities.c.lead_id == lead.id)
        .values(open=~taken, contested=taken)
    )


@dataclass(frozen=True, slots=True)
class Follower:
    """A call task that ended or moved because another lead of its client was settled (B14)."""

    lead: Lead
    at: datetime
    parked_until: datetime | None


async def followers_of(
    connection: Connection, external_id: str, settled: UUID
) -> Sequence[Follower]:
    """A customer's call tasks whose last event follows from a settlement, locked."""
    newest = (
        select(lead_events.c.at, lead_events.c.details)
        .where(lead_events.c.lead_id == leads.c.id)
        .order_by(lead_events.c.id.desc())
        .limit(1)
        .lateral()
    )
    statement = (
        select(leads, newest.c.at.label("followed_at"), newest.c.details.label("followed"))
        .join(newest, newest.c.details.op("->>")("lead") == str(settled))
        .where(leads.c.customer_id == external_id, leads.c.task_operator.isnot(None))
        .where(leads.c.state.in_((State.SETTLED, State.PARKED)))
        .order_by(leads.c.id)
        .limit(MAX_FOLLOWERS)
        .with_for_update(of=leads)
    )
    rows = (await connection.execute(statement)).mappings()
    return [Follower(lead_of(row), row["followed_at"], _parked_before(row)) for row in rows]


def _parked_before(row: Row) -> datetime | None:
    before = row["followed"].get("parked_before")
    return None if before is None else datetime.fromisoformat(before)


async def has_newer_lead(connection: Connection, lead: Lead) -> bool:
    """Whether the client has another lead that came after this one was settled."""
    later = leads.alias()
    same = [later.c.follows == lead.id]
    customer = lead.signal.customer
    if customer is not None and customer.external_id is not None:
        same.append(later.c.customer_id == customer.external_id)
    statement = select(later.c.id).where(
        or_(*same), later.c.id > lead.id, later.c.created_at >= lead.settled_at
    )
    return bool(await connection.scalar(select(exists(statement))))


async def last_settling(connection: Connection, lead: Lead) -> int | None:
    """The id of the last event that settled a lead, whatever happened later."""
    statement = (
        select(lead_events.c.id)
        .where(
            lead_events.c.lead_id == lead.id,
            lead_events.c.state_after == State.SETTLED,
            lead_events.c.state_before != State.SETTLED,
        )
        .order_by(lead_events.c.id.desc())
        .limit(1)
    )
    found: int | None = await connection.scalar(statement)
    return found


async def settling_event(connection: Connection, lead: Lead) -> int | None:
    """The id of the event that settled a lead; None when something else happened later."""
    newest = (
        select(lead_events.c.id, lead_events.c.type, lead_events.c.at)
        .where(lead_events.c.lead_id == lead.id)
        .order_by(lead_events.c.id.desc())
        .limit(2)
    )
    for row in await connection.execute(newest):
        if row.type not in DUE_WITH_IT:
            is_it = row.type == SETTLED and row.at == lead.settled_at
            return row.id if is_it else None
    return None
