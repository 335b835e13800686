"""What a lead is, told again from the signals that it was made of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from service.leads.customer import Customer
from service.leads.lead import Lead, Situation
from service.matching.find_identities import find_identities
from service.matching.joining import joined, same_client
from service.rules.policy import Policy
from service.storage.leads.signals import KeptSignal, Sort, facts_of, signal_of_facts


def told_again(lead: Lead, signals: Sequence[KeptSignal], policy: Policy) -> Situation:
    """A lead's situation as if only these signals had come, in their order.

    Whether the client is on the line, and is to be called back, is as it is known now.
    """
    first, *others = signals
    situation = replace(lead.situation, signal=first.signal, asked_at=first.told_at)
    for one in others:
        situation = _with(situation, one, policy)
    live = any(one.facts.get("live") for one in signals)
    signal = replace(
        situation.signal,
        queue=lead.signal.queue,
        source=lead.signal.source,
        external_id=lead.signal.external_id,
        live=lead.signal.live and live,
    )
    return replace(situation, signal=signal, callback_due=lead.situation.callback_due)


def identities_told(signals: Iterable[KeptSignal], policy: Policy) -> set[str]:
    """By what signals, and changes of facts, show whose a lead is."""
    told = [one.facts.get("customer") for one in signals]
    clients = [Customer(**said) for said in told if said]
    return {
        identity
        for client in clients
        for identity in find_identities(client, policy.region, policy.joins_by)
    }


def _with(situation: Situation, kept: KeptSignal, policy: Policy) -> Situation:
    if kept.sort is not Sort.CHANGE:
        return joined(situation, kept.signal, policy, kept.told_at)
    known = situation.signal.customer
    signal = signal_of_facts({**facts_of(situation.signal), **kept.facts})
    signal = replace(signal, customer=same_client(known, signal.customer))
    return replace(situation, signal=signal, asked_at=max(situation.asked_at, kept.told_at))
