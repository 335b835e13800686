"""A client edits or deletes a message: its words are replaced or removed.

One transaction writes Postgres only, under the lock of the lead that the message came to. The lead
is ranked again with the rest. A waiting lead with nothing left is settled. The holder of a claimed
lead is told. Of a lead that is over, only the signal keeps the new words. Then the line is updated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.flows.leads.rebuild_from_signals import rebuild_from_signals
from service.flows.leads.receive_signal import IntakeResult, Received, receive_signal
from service.flows.leads.settle_unheld import settle_unheld
from service.flows.leads.store_change import store_opening
from service.flows.leads.store_facts import store_facts
from service.flows.line.show_in_line import show_in_line
from service.leads.customer import MentionedIn
from service.leads.lead import MOVES, Channel, Lead, Signal, State
from service.leads.settlement import UnheldOutcome
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.duplicates import Sender, find_duplicate
from service.storage.leads.history import LeadEvent, append
from service.storage.leads.merge_target import locked_merge_target
from service.storage.leads.signals import Sort, StoredSignal, facts_of, put_signal, signals_of

EDITED, DELETED = "the client edited a message", "the client deleted a message"
NOTHING_LEFT = "the client took back all that they wrote"
DELETED_AT = "deleted_at"  # the attribute of a deleted message
MESSAGES = frozenset(
    {Channel.SITE_CHAT, Channel.WHATSAPP, Channel.VK, Channel.TELEGRAM, Channel.VIBER}
    | {Channel.FACEBOOK, Channel.SKYPE, Channel.MAX, Channel.EMAIL}
)
WANTED = ("text", "items", "vin", "budget")

Change = Callable[[StoredSignal], StoredSignal]


async def edit_signal(
    resources: Resources, signal: Signal, sender: Sender, *, words_only: bool
) -> Received:
    """Edit a message and return its lead; an edit of an unknown message counts as the message."""
    existing = await find_duplicate(resources.stores.database, signal, sender)
    if existing is None:
        return await receive_signal(resources, signal, sender)

    def edited(stored: StoredSignal) -> StoredSignal:
        is_over = DELETED_AT in (stored.facts.get("attributes") or {})
        if is_over or stored.told_at > signal.received_at:
            return stored
        return _with_words(stored, signal, words_only=words_only)

    event = LeadEvent("lead.changed", resources.clock.now(), sender.name, EDITED)
    lead = await _change(resources, existing.lead, signal, edited, event)
    return Received(lead, IntakeResult.REPEATED, existing.at)


async def delete_signal(resources: Resources, signal: Signal, sender: Sender) -> Received | None:
    """Delete a message and return its lead; None when no such message came."""
    existing = await find_duplicate(resources.stores.database, signal, sender)
    if existing is None:
        return None

    def struck(stored: StoredSignal) -> StoredSignal:
        attributes = stored.facts.get("attributes") or {}
        if DELETED_AT in attributes:
            return stored
        deleted = {**attributes, DELETED_AT: signal.received_at.isoformat()}
        nothing = dict.fromkeys((*WANTED, "urgency", "needed_by", "stated_intent"))
        facts = {**_without_mentioned(stored.facts), **nothing, "attributes": deleted}
        return replace(stored, facts=facts)

    event = LeadEvent("lead.changed", resources.clock.now(), sender.name, DELETED)
    lead = await _change(resources, existing.lead, signal, struck, event)
    return Received(lead, IntakeResult.REPEATED, existing.at)


async def _change(
    resources: Resources, existing: Lead, signal: Signal, change: Change, event: LeadEvent
) -> Lead:
    async with resources.stores.database.transaction() as connection:
        lead = await locked_merge_target(connection, existing.id)
        await store_opening(connection, lead)
        signals = await signals_of(connection, lead.id)
        stored = next((item for item in signals if _is_of(item, signal)), None)
        if stored is None or (changed := change(stored)) == stored:
            return lead
        await put_signal(connection, changed)
        if not MOVES[lead.state]:
            return lead
        event = replace(event, details={"signal": str(stored.id)})
        reported = [changed if item is stored else item for item in signals]
        lead = await _rebuild(connection, resources, lead, reported, event)
    await show_in_line(resources, lead)
    return lead


async def _rebuild(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    signals: Sequence[StoredSignal],
    event: LeadEvent,
) -> Lead:
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = rebuild_from_signals(lead, signals, basis.policy)
    changed = await store_facts(connection, resources, lead, situation, event, from_client=False)
    if any(map(_wants_something, signals)):
        return changed
    if changed.state is State.WAITING:
        details = {"outcome": UnheldOutcome.WITHDRAWN_BY_CLIENT.value}
        gone = replace(event, type="lead.settled", reason=NOTHING_LEFT, details=details)
        return await settle_unheld(connection, changed, UnheldOutcome.WITHDRAWN_BY_CLIENT, gone)
    withdrawn = replace(event, type="lead.withdrawn", reason=NOTHING_LEFT)
    await append(connection, lead.id, withdrawn, before=lead.state, after=changed.state)
    return changed


def _is_of(stored: StoredSignal, signal: Signal) -> bool:
    """Whether it is the same message and its author changed it; a shop may delete comments too."""
    if stored.sort is Sort.CHANGE or stored.source != signal.source:
        return False
    author = (stored.facts.get("customer") or {}).get("messengers") or {}
    by = (signal.customer and signal.customer.messengers) or {}
    is_other = any(author.get(name, client) != client for name, client in by.items())
    return stored.external_id == signal.external_id and not is_other


def _with_words(stored: StoredSignal, signal: Signal, *, words_only: bool) -> StoredSignal:
    """The message with its new words; other facts stay when the edit does not name them."""
    new, before = facts_of(signal), stored.facts
    text = new["text"]
    if words_only:
        text = _with_sort(before.get("text"), text)
        changed = {"text": text}
    else:
        changed = {"text": text, "items": new["items"] or before.get("items")}
    if {name: before.get(name) for name in changed} == changed:
        return stored
    return replace(
        stored, told_at=signal.received_at, facts={**_without_mentioned(before), **changed}
    )


def _without_mentioned(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without what the text mentions; the new text is read again for them."""
    customer = facts.get("customer") or {}
    mentioned = customer.get("mentioned") or []
    others = [item for item in mentioned if item.get("found_in") != MentionedIn.TEXT]
    if others == mentioned:
        return {**facts}
    return {**facts, "customer": {**customer, "mentioned": others}}


def _with_sort(before: str | None, words: str | None) -> str | None:
    """Keep the sort of a caption: new words of a photograph still begin with `[photo]`."""
    sort, closed, _ = (before or "").partition("]")
    if not closed or not sort.startswith("[") or (words or "").startswith("["):
        return words
    return f"{sort}] {words}" if words else f"{sort}]"


def _wants_something(stored: StoredSignal) -> bool:
    """Whether a signal or a change says what the client wants, or that they called."""
    facts = stored.facts
    if any(facts.get(name) for name in WANTED):
        return True
    return stored.sort is not Sort.CHANGE and Channel(facts["channel"]) not in MESSAGES
