"""What a key that may not read is shown of a lead: of others' words, nothing."""

from dataclasses import replace

from service.leads.lead import Lead, Signal
from service.storage.keys import Key


def as_may_be_shown(lead: Lead, key: Key, told: Signal | None = None) -> Lead:
    """The lead as it is, to who may read, or opened it; to others only what they told themselves.

    A signal of theirs joined the lead: who its client is, and what he told others, is not theirs
    to know. Where it stands, and that it is held, they see.
    """
    if "read" in key.scopes or lead.brought_by == key.name:
        return lead
    own = told or replace(
        lead.signal, customer=None, text=None, items=(), vin=None, budget=None, attributes=None
    )
    standing = replace(lead.standing, explanation={**lead.standing.explanation, "text": None})
    situation = replace(lead.situation, signal=own)
    return replace(lead, situation=situation, standing=standing, note=None)
