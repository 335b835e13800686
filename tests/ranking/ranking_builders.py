"""Policies and situations, and strategies for whatever a client may say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from builders import NOON, a_signal
from hypothesis import settings
from hypothesis import strategies as st
from open_always import open_always

from service.leads.lead import Channel, EarlyStart, Intent, Item, Kind, RankingInput, Signal
from service.policies.reading import policy_of
from service.policies.yaml_text import read_yaml
from service.rules.need import Need, understand
from service.rules.policy import Policy, Returning

DEFAULT_SAID = read_yaml(open_always())
LEFT_OUT = object()
MOSCOW = ZoneInfo("Europe/Moscow")

steady = settings(deadline=None)

shares = st.floats(0, 1)
money = st.decimals(0, Decimal("999999999999.99"), places=2)
times_left = st.timedeltas(timedelta(days=-2), timedelta(days=30))
zones = st.sampled_from([UTC, timezone(timedelta(hours=3)), timezone(timedelta(hours=-11))])
moments = st.datetimes(datetime(1900, 1, 1), datetime(2300, 1, 1), timezones=zones)  # noqa: DTZ001
items = st.builds(
    Item,
    name=st.just("pads"),
    quantity=st.decimals(0, 1000, places=3),
    price=st.none() | st.decimals(0, 1_000_000, places=2),
)


def pairs(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Two values, the lesser first."""
    return st.tuples(values, values).map(lambda two: (min(two), max(two)))


def said_with(sent: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """What was said with parts replaced, mapping by mapping; LEFT_OUT takes one out."""
    changed = dict(sent)
    for name, value in parts.items():
        existing = changed.pop(name, None)
        if isinstance(value, dict) and isinstance(existing, dict):
            changed[name] = said_with(existing, value)
        elif value is not LEFT_OUT:
            changed[name] = value
    return changed


def a_policy(**parts: Any) -> Policy:
    """The default policy with parts of its document replaced."""
    return policy_of(said_with(DEFAULT_SAID, parts), 1)


DEFAULT = a_policy()

WORDS = [
    {"signal": "pads", "phrases": ["колодки"], "urgency": 0.9, "bill": 5000, "rule": "A5"},
    {"signal": "bumper", "phrases": ["бампер"], "urgency": 0.2, "bill": 20000, "rule": "A5"},
    {"signal": "patient", "phrases": ["не срочно"], "urgency_at_most": 0.1, "rule": "A5"},
    {"signal": "ready", "phrases": ["готов купить"], "chance_factor": 1.5, "rule": "A6"},
    {"signal": "asks", "phrases": ["где мой заказ"], "intent": "order_question", "rule": "A10"},
    {"signal": "angry", "phrases": ["жалоба"], "skill": "complaints", "rule": "B4"},
]
WORDY = a_policy(lexicon=WORDS)
"""The default policy with words of these tests only."""


def a_situation(
    signal: Signal | None = None,
    *,
    asked_at: datetime | None = None,
    callback_due: bool = False,
    rush: EarlyStart | None = None,
    **sent: Any,
) -> RankingInput:
    """A signal in its situation; the client's last word is the signal unless told otherwise."""
    reported = signal or a_signal(**sent)
    return RankingInput(reported, asked_at or reported.received_at, callback_due, rush)


def a_need(policy: Policy = DEFAULT, **sent: Any) -> Need:
    return understand(a_situation(**sent), policy)


def moscow(text: str) -> datetime:
    """A time in Moscow, as `2026-06-10 12:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


def with_kind(policy: Policy, kind: Kind, **numbers: Any) -> Policy:
    return replace(policy, kinds={**policy.kinds, kind: replace(policy.kinds[kind], **numbers)})


signals = st.builds(
    a_signal,
    channel=st.sampled_from(Channel),
    kind=st.none() | st.sampled_from(Kind),
    live=st.booleans(),
    received_at=moments,
    budget=st.none() | money,
    urgency=st.none() | shares,
    needed_by=st.none() | times_left.map(lambda left: NOON + left),
    items=st.lists(items, max_size=3).map(tuple),
    intent=st.none() | st.sampled_from(Intent),
)
situations = st.builds(a_situation, signals, callback_due=st.booleans())


returns = st.fixed_dictionaries({cause: st.none() | st.integers(0, 900) for cause in Returning})


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with any allowed number where the default has its own; bills in whole cents."""
    policy = replace(
        DEFAULT,
        returns=draw(returns),
        smallest_cost=draw(st.floats(1e-6, 1e6)),
        greatest_cost=draw(st.floats(1e-3, 1e12)),
        longest_patience_minutes=draw(st.floats(2, 525600)),
        intents={intent: draw(shares) for intent in Intent},
    )
    for kind in Kind:
        bill = draw(st.integers(0, 10**11)) / 100
        numbers = {"chance": draw(shares), "urgency": draw(shares), "usual_bill": bill}
        policy = with_kind(policy, kind, stage=draw(st.integers(0, 900)), **numbers)
    return policy


def kind_of(signal: Signal) -> Kind:
    return signal.kind or DEFAULT.channels[signal.channel]
