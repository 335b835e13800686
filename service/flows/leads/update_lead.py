"""New facts of a lead come in: the client wrote more, hung up, or named a budget.

Postgres first: the facts, the new rank and the event, with the facts as they were. Then the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.flows.leads.apply_payment import apply_payment
from service.flows.leads.check_reporter import check_reporter, limited
from service.flows.leads.follow_tasks import follow_tasks
from service.flows.leads.store_change import store_change
from service.flows.line.show_in_line import show_in_line
from service.leads.errors import LeadNotFound, MoveNotAllowed
from service.leads.lead import MOVES, Lead, RankingInput, Signal
from service.leads.settlement import Outcome
from service.leads.times import check_times
from service.matching.joining import asked_again
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.answers import note_sign
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import LeadEvent
from service.storage.leads.merge_target import locked_merge_target
from service.storage.leads.signals import brought_signal


@dataclass(frozen=True, slots=True)
class LeadUpdate:
    """Changed fields of a signal; `from_client` when they come from the client."""

    fields: Mapping[str, Any]
    from_client: bool
    sender: Sender


async def update_lead(resources: Resources, lead_id: UUID, facts: LeadUpdate) -> Lead:
    """Rank a lead, or the lead that it was merged into, by new facts.

    Raises MoveNotAllowed when the lead is over. Raises ScopeMissing for a payment that the sender
    may not report. Raises LeadNotFound when the sender may not read and brought nothing to the
    lead.

    A message of the client renews the time when they asked. In business hours a night message
    becomes a chat again (rule A2), and a parked lead waits again at once.
    """
    now = resources.clock.now()
    check_reporter(facts.fields.keys() & {"paid"}, facts.sender)
    async with resources.stores.database.transaction() as connection:
        lead = await locked_merge_target(connection, lead_id)
        await check_known(connection, lead, facts.sender)
        if not MOVES[lead.state]:
            raise MoveNotAllowed(f"The lead is {lead.state}; a new signal opens a new one.")
        situation = _situation(lead, facts, now)
        check_times(situation.signal, now)
        if situation != lead.situation or facts.from_client:
            event = LeadEvent("lead.changed", now, facts.sender.name)
            spoke = facts.from_client
            lead = await store_change(
                connection, resources, lead, situation, event, from_client=spoke
            )
        if not facts.from_client:
            await note_sign(connection, lead.id, now)
        if facts.fields.get("paid"):
            lead = await apply_payment(connection, resources, lead, facts.sender.name, now)
    await show_in_line(resources, lead)
    if lead.outcome == Outcome.WON:
        await follow_tasks(resources, lead, Outcome.WON)
    return lead


async def check_known(connection: Connection, lead: Lead, sender: Sender) -> None:
    """Raise LeadNotFound when a sender may not read and brought no signal of the lead."""
    if not sender.may_read and not await brought_signal(connection, lead, sender.name):
        raise LeadNotFound(f"No lead has the id {lead.id}.")


def _situation(lead: Lead, facts: LeadUpdate, now: datetime) -> RankingInput:
    existing = lead.situation
    signal = _with_fields(existing.signal, facts)
    there_now = facts.from_client and signal.live
    promised_at = existing.promised_at
    if promised_at is not None and facts.from_client:
        promised_at = min(promised_at, now)  # the client did not wait for it
    changed = replace(
        existing,
        signal=signal,
        asked_at=now if facts.from_client else existing.asked_at,
        promised_at=promised_at,
        talked_at=None if there_now else existing.talked_at,
    )
    return asked_again(changed, now) if facts.from_client else changed


def _with_fields(existing: Signal, facts: LeadUpdate) -> Signal:
    """The signal with the new facts; newly stated money is limited as its sender's."""
    changed: Signal = replace(existing, **facts.fields)
    limited_signal = limited(replace(changed, budget_is_limited=False), facts.sender)
    return replace(
        changed,
        items=limited_signal.items if "items" in facts.fields else existing.items,
        budget_is_limited=(
            limited_signal if "budget" in facts.fields else existing
        ).budget_is_limited,
    )
