"""Rebuild a lead from the signals that it was made of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from service.flows.leads.marks_of_signal import joining_marks, marks_of_customer
from service.leads.lead import Lead, RankingInput
from service.matching.accounts import same_client
from service.matching.joining import joined
from service.matching.marks import Mark
from service.rules.policy import Policy
from service.storage.customer_columns import customer_of
from service.storage.leads.signals import Sort, StoredSignal, facts_of, signal_of_facts
from service.storage.policies.queue_context import QueueContext


def rebuild_from_signals(
    lead: Lead, signals: Sequence[StoredSignal], policy: Policy
) -> RankingInput:
    """A lead's situation as if only these signals had come, in the order in which they were sent.

    Whether the client is live and whether a callback is due stay as they are now.
    """
    first, *others = _as_sent(signals)
    situation = replace(lead.situation, signal=first.signal, asked_at=first.told_at)
    for other in others:
        situation = _with(situation, other, policy)
    live = any(item.facts.get("live") for item in signals)
    signal = replace(
        situation.signal,
        queue=lead.signal.queue,
        source=lead.signal.source,
        external_id=lead.signal.external_id,
        live=lead.signal.live and live,
    )
    return replace(situation, signal=signal, callback_due=lead.situation.callback_due)


def told_in_order(
    joint: RankingInput, lead: Lead, signals: Sequence[StoredSignal], policy: Policy
) -> RankingInput:
    """The joint situation with the facts of the client's latest message, whenever it arrived."""
    rebuilt = rebuild_from_signals(lead, signals, policy).signal
    signal = replace(
        joint.signal,
        text=rebuilt.text,
        budget=rebuilt.budget,
        budget_is_limited=rebuilt.budget_is_limited,
        currency=rebuilt.currency,
        vin=rebuilt.vin,
        intent=rebuilt.intent,
    )
    return replace(joint, signal=signal)


def _as_sent(signals: Sequence[StoredSignal]) -> list[StoredSignal]:
    """Order signals by the senders' time; a change stays behind the signals known before it."""
    ordered: list[StoredSignal] = []
    run: list[StoredSignal] = []
    for stored in signals:
        if stored.sort is Sort.CHANGE:
            ordered += [*sorted(run, key=_sent_at), stored]
            run = []
        else:
            run.append(stored)
    return [*ordered, *sorted(run, key=_sent_at)]


def _sent_at(stored: StoredSignal) -> datetime:
    """When the signal was first sent; an edit keeps the place of what it edits."""
    return datetime.fromisoformat(stored.facts["received_at"])


def marks_of_signals(signals: Iterable[StoredSignal], basis: QueueContext) -> set[Mark]:
    """The marks in signals and changes by which leads join."""
    clients = [customer_of(signal.facts.get("customer")) for signal in signals]
    marks = {mark for client in clients for mark in marks_of_customer(client, basis)}
    return {*joining_marks(marks, basis)}


def _with(situation: RankingInput, stored: StoredSignal, policy: Policy) -> RankingInput:
    if stored.sort is not Sort.CHANGE:
        return joined(situation, stored.signal, policy, stored.told_at)
    existing = situation.signal.customer
    signal = signal_of_facts({**facts_of(situation.signal), **stored.facts})
    signal = replace(signal, customer=same_client(existing, signal.customer, policy.region))
    return replace(situation, signal=signal, asked_at=max(situation.asked_at, stored.told_at))
