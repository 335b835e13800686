"""Store new facts of a locked lead that came without a signal, so that a rebuild keeps them.

It runs in the caller's transaction; the caller updates the line.
"""

from collections.abc import Mapping
from typing import Any

import uuid_utils.compat

from service.flows.leads.store_facts import store_facts
from service.leads.lead import Lead, RankingInput
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.signals import (
    Sort,
    StoredSignal,
    facts_of,
    insert_change,
    insert_first_signal,
)


async def store_change(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    situation: RankingInput,
    event: LeadEvent,
    *,
    from_client: bool = False,
    reported: Mapping[str, Any] | None = None,
) -> Lead:
    """Store the facts of a situation and return the lead.

    `reported` are the facts that were sent; by default the facts that changed.
    """
    await store_opening(connection, lead)
    changed = await store_facts(
        connection, resources, lead, situation, event, from_client=from_client
    )
    facts = _changed_facts(lead, changed) if reported is None else reported
    await insert_change(connection, _change(changed, event, facts))
    return changed


async def store_opening(connection: Connection, lead: Lead) -> None:
    """Store the signal that opened a lead, before any of its facts change."""
    signal = lead.signal
    stored = StoredSignal(
        id=lead.id,
        lead_id=lead.id,
        at=lead.created_at,
        sort=Sort.OPENING,
        created_by=lead.brought_by or signal.source,
        source=signal.source,
        told_at=lead.situation.asked_at,
        facts=facts_of(signal),
        external_id=signal.external_id,
    )
    await insert_first_signal(connection, stored)


def _changed_facts(lead: Lead, changed: Lead) -> dict[str, Any]:
    before, after = facts_of(lead.signal), facts_of(changed.signal)
    return {name: value for name, value in after.items() if value != before[name]}


def _change(changed: Lead, event: LeadEvent, facts: Mapping[str, Any]) -> StoredSignal:
    return StoredSignal(
        id=uuid_utils.compat.uuid7(),
        lead_id=changed.id,
        at=event.at,
        sort=Sort.CHANGE,
        created_by=event.actor,
        source=changed.signal.source,
        told_at=changed.situation.asked_at,
        facts=facts,
    )
