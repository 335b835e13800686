"""The progress of telephone calls, so that an older report never overwrites a newer one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from service.adapters.inbound_event import CallPhase
from service.storage.database import Connection
from service.storage.leads.signal_tables import lead_signals
from service.storage.rows import Row
from service.storage.senders.delivery_tables import calls
from service.storage.tables import leads

ACTIVE = (CallPhase.RINGING.value, CallPhase.ANSWERED.value)


@dataclass(frozen=True, slots=True)
class CallProgress:
    """The progress of a call, and its lead, which may have been merged into another one.

    `at` and `sequence` belong to the last answer; before the first answer they lie long ago.
    """

    source: str
    call: str
    phase: CallPhase
    at: datetime
    sequence: int
    lead_id: UUID | None


async def locked_call(connection: Connection, source: str, call: str) -> CallProgress | None:
    """The progress of a call; no other report of it is handled until the transaction ends."""
    statement = select(calls).where(calls.c.source == source, calls.c.call == call)
    row = (await connection.execute(statement.with_for_update())).mappings().first()
    return None if row is None else _call(row)


async def begin_call(connection: Connection, call: CallProgress, now: datetime) -> bool:
    """Store a call that is new; False when another process did it meanwhile."""
    statement = (
        insert(calls).values(_columns(call, now)).on_conflict_do_nothing().returning(calls.c.source)
    )
    return (await connection.execute(statement)).first() is not None


async def put_call(connection: Connection, call: CallProgress, now: datetime) -> None:
    """Store the progress of a call."""
    same = (calls.c.source == call.source) & (calls.c.call == call.call)
    await connection.execute(update(calls).where(same).values(_columns(call, now)))


async def is_on_another_call(connection: Connection, call: CallProgress) -> bool:
    """Whether the client of a call's lead has another active call."""
    part_of_it = or_(leads.c.id == call.lead_id, leads.c.joined_into == call.lead_id)
    others = select(calls.c.call).where(
        calls.c.lead_id.in_(select(leads.c.id).where(part_of_it)),
        calls.c.phase.in_(ACTIVE),
        (calls.c.source != call.source) | (calls.c.call != call.call),
    )
    return bool(await connection.scalar(select(exists(others))))


async def lock_calls(connection: Connection, signals: Collection[UUID]) -> None:
    """Lock the calls among some stored signals until the transaction ends."""
    reported = select(lead_signals.c.source, lead_signals.c.external_id)
    statement = (
        select(calls.c.call)
        .where(
            tuple_(calls.c.source, calls.c.call).in_(reported.where(lead_signals.c.id.in_(signals)))
        )
        .order_by(calls.c.source, calls.c.call)
        .with_for_update()
    )
    await connection.execute(statement)


async def pass_call(connection: Connection, source: str, call: str, to: UUID) -> None:
    """Move one call to another lead."""
    same = (calls.c.source == source) & (calls.c.call == call)
    await connection.execute(update(calls).where(same).values(lead_id=to))


async def silent_calls(connection: Connection, before: datetime, limit: int) -> list[CallProgress]:
    """Calls that have been ringing since before a time without a report, the oldest first."""
    statement = (
        select(calls)
        .where(calls.c.phase == CallPhase.RINGING.value, calls.c.changed_at < before)
        .order_by(calls.c.changed_at)
        .limit(limit)
    )
    return [_call(row) for row in (await connection.execute(statement)).mappings()]


async def forget_calls(connection: Connection, before: datetime, limit: int) -> None:
    """Delete some calls without a report since a time."""
    old = select(calls.c.source, calls.c.call).where(calls.c.changed_at < before).limit(limit)
    await connection.execute(delete(calls).where(tuple_(calls.c.source, calls.c.call).in_(old)))


def _columns(call: CallProgress, now: datetime) -> dict[str, object]:
    return {
        "source": call.source,
        "call": call.call,
        "phase": call.phase.value,
        "at": call.at,
        "sequence": call.sequence,
        "lead_id": call.lead_id,
        "changed_at": now,
    }


def _call(row: Row) -> CallProgress:
    phase = CallPhase(row["phase"])
    at, sequence = row["at"], row["sequence"]
    return CallProgress(row["source"], row["call"], phase, at, sequence, row["lead_id"])
