"""What a lead becomes when another signal of its client joins it (one need, one lead)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from service.leads.lead import HIGHEST_MONEY, Item, Kind, ParkedFor, RankingInput, Signal
from service.leads.show import both_shows
from service.leads.unchanging import replace
from service.matching.accounts import same_client
from service.rules.need import find_kind
from service.rules.policy import Policy

MAX_TEXT = 8000
MAX_ITEMS = 200
MAX_ATTRIBUTES = 64
MAX_ATTRIBUTE_BYTES = 16 * 1024
# What a client was promised; None stands for a lead that an earlier version parked.
OWED = (ParkedFor.CALLBACK, ParkedFor.VISIT_OVER, None)
HOTTEST_FIRST = list(Kind)  # the order of rule A2


def joined(
    existing: RankingInput, signal: Signal, policy: Policy, asked_at: datetime | None = None
) -> RankingInput:
    """The ranking input with a later signal in it (rule A2: the hotter kind wins).

    Of equal kinds the later channel wins, because the client is there now. The client has waited
    since their first signal. Without `asked_at` they asked when the later signal was received.
    """
    later = RankingInput(signal, asked_at=asked_at or signal.received_at)
    is_hotter = _kind_order(later, policy) <= _kind_order(existing, policy)
    hotter = signal if is_hotter else existing.signal
    reported = _both(existing.signal, signal, hotter, policy.region)
    joint = replace(
        existing,
        signal=reported,
        asked_at=max(existing.asked_at, later.asked_at),
        talked_at=None if signal.live else existing.talked_at,
    )
    return asked_again(joint, later.asked_at)


def asked_again(existing: RankingInput, at: datetime) -> RankingInput:
    """The ranking input of a client who wrote or called at a moment.

    A promise to the client stays. A call that only we wanted is over. After an answer of ours the
    client waits from this moment on.
    """
    owed = existing.parked_for in OWED
    answered_at, unanswered_since = existing.own_answer_at, existing.unanswered_since
    if answered_at is not None and existing.waits_since <= answered_at < at:
        unanswered_since = at
    return replace(
        existing,
        callback_due=existing.callback_due and owed and not existing.signal.live,
        unanswered_since=unanswered_since,
    )


def together(existing: RankingInput, other: RankingInput, policy: Policy) -> RankingInput:
    """One ranking input from two leads of one client; the longer waiting time counts."""
    both = joined(existing, other.signal, policy, other.asked_at)
    if other.asked_at < existing.asked_at:
        both = replace(both, signal=replace(both.signal, **_last_word(other, existing)))
    promised_at = None
    if existing.promised_at is not None or other.promised_at is not None:
        promised_at = min(existing.waits_since, other.waits_since)
    due = existing if existing.callback_due or not other.callback_due else other
    return replace(
        both,
        callback_due=due.callback_due and not both.signal.live,
        promised_at=promised_at,
        parked_for=due.parked_for or both.parked_for,
        parked_by=due.parked_by or both.parked_by,
    )


def _last_word(first: RankingInput, later: RankingInput) -> dict[str, Any]:
    """The fields that the last message decides; the client's last message is in `later`."""
    before, after = first.signal, later.signal
    return {
        "text": _texts(before.text, after.text),
        "budget": before.budget if after.budget is None else after.budget,
        "budget_is_limited": _is_limited(before, after),
        "currency": _currency(before, after),
        "vin": after.vin or before.vin,
        "intent": after.intent or before.intent,
    }


def _both(first: Signal, later: Signal, hotter: Signal, region: str) -> Signal:
    """One signal from two.

    Texts and items are added up, and so are the bills of two orders. Else the last budget counts.
    The highest urgency and the earliest time count.
    """
    return replace(
        first,
        channel=hotter.channel,
        kind=hotter.kind,
        received_at=min(first.received_at, later.received_at),
        live=first.live or later.live,
        customer=same_client(first.customer, later.customer, region),
        text=_texts(first.text, later.text),
        items=(*_priced(first), *_priced(later))[:MAX_ITEMS],
        budget=_budget(first, later),
        budget_is_limited=_is_limited(first, later),
        currency=_currency(first, later),
        urgency=_highest(first.urgency, later.urgency),
        needed_by=_soonest(first.needed_by, later.needed_by),
        vin=later.vin or first.vin,
        intent=later.intent or first.intent,
        paid=_is_paid(first, later),
        attributes=_attributes(first.attributes, later.attributes),
        show=both_shows(first.show, later.show),
    )


def _budget(first: Signal, later: Signal) -> Decimal | None:
    """The last budget; the sum of two orders' bills, unless their currencies differ."""
    if first.budget is None or later.budget is None:
        return first.budget if later.budget is None else later.budget
    are_orders = bool(first.items and later.items)
    if not are_orders or first.currency != later.currency:
        return later.budget
    return min(first.budget + later.budget, HIGHEST_MONEY)


def _currency(first: Signal, later: Signal) -> str | None:
    """The currency of the budget that counts; without a budget the first named currency."""
    if later.budget is not None:
        return later.currency
    return first.currency if first.budget is not None else first.currency or later.currency


def _is_limited(first: Signal, later: Signal) -> bool:
    """Whether the budget which counts has a limit."""
    return (first if later.budget is None else later).budget_is_limited


def _priced(signal: Signal) -> tuple[Item, ...]:
    """The items with the currency of their own signal, so that the other's does not replace it."""
    if signal.currency is None:
        return signal.items
    return tuple(replace(item, currency=item.currency or signal.currency) for item in signal.items)


def _kind_order(situation: RankingInput, policy: Policy) -> int:
    return HOTTEST_FIRST.index(find_kind(situation, policy))


def _texts(first: str | None, later: str | None) -> str | None:
    """Both texts without a repetition; a text that is too long keeps its beginning and end."""
    if not first or not later or f"\n{later}\n" in f"\n{first}\n":
        return first or later
    text = f"{first}\n{later}"
    if len(text) <= MAX_TEXT:
        return text
    half = MAX_TEXT // 2
    return f"{text[: half - 3]}\n…\n{text[-half:]}"


def _highest(first: float | None, later: float | None) -> float | None:
    given = [item for item in (first, later) if item is not None]
    return max(given) if given else None


def _soonest(first: datetime | None, later: datetime | None) -> datetime | None:
    given = [item for item in (first, later) if item is not None]
    return min(given) if given else None


def _is_paid(first: Signal, later: Signal) -> bool:
    """Whether the whole is paid: an unpaid order makes it unpaid, an unpaid message does not."""
    if first.items and later.items:
        return first.paid and later.paid
    return first.paid or later.paid


def _attributes(
    first: Mapping[str, object] | None, later: Mapping[str, object] | None
) -> Mapping[str, object] | None:
    """Both signals' attributes, the later ones win; only the first's when they are too many."""
    if not first or not later:
        return first or later
    both = {**first, **later}
    fits = len(both) <= MAX_ATTRIBUTES and len(orjson.dumps(both)) <= MAX_ATTRIBUTE_BYTES
    return both if fits else first
