"""What a lead is, told again from the signals that it was made of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from service.leads.customer import Customer
from service.leads.lead import Lead, RankingInput
from service.matching.find_identities import find_identities
from service.matching.joining import joined, same_client
from service.rules.policy import Policy
from service.storage.leads.signals import Sort, StoredSignal, facts_of, signal_of_facts


def rebuild_from_signals(
    lead: Lead, signals: Sequence[StoredSignal], policy: Policy
) -> RankingInput:
    """A lead's situation as if only these signals had come, in their order.

    Whether the client is on the line, and is to be called back, is as it is known now.
    """
    first, *others = signals
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


def identities_of_signals(signals: Iterable[StoredSignal], policy: Policy) -> set[str]:
    """By what signals, and changes of facts, show whose a lead is."""
    reported = [signal.facts.get("customer") for signal in signals]
    clients = [Customer(**requested) for requested in reported if requested]
    return {
        identity
        for client in clients
        for identity in find_identities(client, policy.region, policy.joins_by)
    }


def _with(situation: RankingInput, stored: StoredSignal, policy: Policy) -> RankingInput:
    if stored.sort is not Sort.CHANGE:
        return joined(situation, stored.signal, policy, stored.told_at)
    existing = situation.signal.customer
    signal = signal_of_facts({**facts_of(situation.signal), **stored.facts})
    signal = replace(signal, customer=same_client(existing, signal.customer))
    return replace(situation, signal=signal, asked_at=max(situation.asked_at, stored.told_at))
