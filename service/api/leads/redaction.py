"""Removes the words of other senders from a lead, for a key that may not read."""

from dataclasses import replace
from typing import Any

from service.api.dependencies import may_read_all, sees_token
from service.api.leads import lead_rendering
from service.flows.leads.view_signals import view_own_signals
from service.leads.identity import Evidence
from service.leads.lead import Lead, Signal
from service.resources import Resources
from service.storage.api_keys import Key

OF_PLACE = (
    "kind",
    "score",
    "rank",
    "policy_version",
)  # not the lane: it names an operator
OF_STEP = ("at", "stage", "score")


async def redact_for(
    resources: Resources, lead: Lead, key: Key, *, explained: bool = False
) -> dict[str, Any]:
    """The full lead for keys that may read or sent all of it; else only what this key sent.

    When other keys sent signals of it, their client, their words and all conclusions from them are
    left out. Its place, and that it is held, stay visible.
    """
    may_read, tokens = may_read_all(key), sees_token(key, lead)
    own = None if may_read else await view_own_signals(resources, lead, key.name)
    if own is None and not may_read and is_recognised(lead):
        own = _without_card(lead.signal)
    if own is None:
        return lead_rendering.lead(lead, tokens=tokens, explained=explained)
    shown = lead_rendering.lead(
        _without_others_words(lead, own), tokens=tokens, explained=explained
    )
    return _without_reasons(shown)


def is_recognised(lead: Lead) -> bool:
    """Whether the shop's card was found, though the sender did not give its number."""
    client = lead.signal.customer
    how = None if client is None else client.recognised
    return how is not None and Evidence.CUSTOMER not in how.by


def _without_card(signal: Signal) -> Signal:
    client = signal.customer
    assert client is not None, "somebody was recognised"
    return replace(signal, customer=replace(client, external_id=None, recognised=None))


def _without_others_words(lead: Lead, own: Signal) -> Lead:
    situation = replace(lead.situation, signal=own)
    unset = replace(lead, note=None, reason=None, amount=None, price_profile=None, possibly_same=())
    return replace(unset, situation=situation)


def _without_reasons(shown: dict[str, Any]) -> dict[str, Any]:
    """The lead's place without the numbers and sources that explain it."""
    unset = {**shown, "cost_per_minute": None}
    if "explanation" in shown:
        unset["explanation"] = _place(shown["explanation"])
    return unset


def _place(explanation: dict[str, Any]) -> dict[str, Any]:
    """The shape of `PlaceOut`."""
    return {
        **{name: explanation[name] for name in OF_PLACE},
        "stage": {"value": explanation["stage"]["value"]},
        "next_steps": [
            {name: item[name] for name in OF_STEP} for item in explanation["next_steps"]
        ],
    }
