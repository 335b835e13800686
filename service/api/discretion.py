"""What a key that may not read is shown of a lead: of others' words, nothing."""

from dataclasses import replace

from service.flows.look_at_signals import look_at_own_words
from service.leads.lead import Lead, Signal
from service.resources import Resources
from service.storage.keys import Key


async def as_may_be_shown(resources: Resources, lead: Lead, key: Key) -> Lead:
    """The lead as it is, to who may read, or told all of it; to others what they told themselves.

    Where others told something too, who its client is, and what he told them, is not theirs to
    know. Where it stands, and that it is held, they see.
    """
    if "read" in key.scopes:
        return lead
    own = await look_at_own_words(resources, lead, key.name)
    return lead if own is None else _without_others_words(lead, own)


def _without_others_words(lead: Lead, own: Signal) -> Lead:
    standing = replace(lead.standing, explanation={**lead.standing.explanation, "text": None})
    situation = replace(lead.situation, signal=own)
    unsaid = replace(lead, note=None, reason=None, amount=None, price_profile=None)
    return replace(unsaid, situation=situation, standing=standing)
