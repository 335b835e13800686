"""Policies, and strategies for whatever a client may say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from importlib.resources import files
from typing import Any

from builders import NOON, a_signal
from hypothesis import settings
from hypothesis import strategies as st

from service.leads.lead import Channel, Intent, Item, Kind, Signal
from service.ranking.policy import Policy, read_policy

DEFAULT_TEXT = files("service.ranking").joinpath("default.yaml").read_text("utf-8")
DEFAULT = read_policy(DEFAULT_TEXT)

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
    intent=st.sampled_from(Intent),
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with any allowed number where the default has its own; bills in whole cents."""
    policy = replace(
        DEFAULT,
        callback_stage=draw(st.integers(0, 900)),
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
