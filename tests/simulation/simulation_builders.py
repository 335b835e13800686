"""Small shops, and clients of whom a test names only what matters to it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from service.hours.hours import around_the_clock
from service.leads.lead import Channel, Kind, Signal
from service.leads.operator import Operator
from service.leads.routing import UNROUTED
from service.policies.yaml_text import read_yaml
from service.simulation.scenarios.document import Scenario
from service.simulation.scenarios.reading import scenario_of, shipped_scenario
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.client import NEVER, SimulatedClient
from service.simulation.shop.lead import Placing, SimulatedLead, SimulatedPlace
from service.simulation.shop.run import Shop
from service.simulation.shop.staff import Shift, SimulatedOperator

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
AUTO_PARTS = read_yaml(shipped_scenario("auto_parts"))


def stated_with(stated: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """What was stated with parts replaced, mapping by mapping."""
    changed = dict(stated)
    for name, value in parts.items():
        before = changed.get(name)
        both = isinstance(value, dict) and isinstance(before, dict)
        changed[name] = stated_with(before, value) if both else value
    return changed


def a_scenario(**parts: Any) -> Scenario:
    return scenario_of(stated_with(AUTO_PARTS, parts))


def a_client(number: int, arrives: float, **truth: Any) -> SimulatedClient:
    """A visible caller who is lost when they hang up, by default."""
    channel = truth.pop("channel", Channel.PHONE)
    moment = MONDAY + timedelta(minutes=arrives)
    live = channel is Channel.PHONE
    defaults = {
        "kind": Kind.PHONE,
        "signal": Signal("main", channel, moment, live=live),
        "routing": UNROUTED,
        "chance": 0.5,
        "bill": 1000.0,
        "minutes": 4.0,
        "gone": NEVER,
        "silent": False,
        "stays_minutes": 1.0,
        "answers": (0.9,) * 8,
        "no_answer": 0.0,
        "gone_says": 1.0,
    }
    return SimulatedClient(number=number, arrives=arrives, **{**defaults, **truth})


def queueing_clients(
    seed: int, days: int, rate: float, patience: float, service: float
) -> list[SimulatedClient]:
    """Poisson arrivals with exponential patience and service; minutes, and clients a minute."""
    draws, at, clients = Random(seed), 0.0, []
    while (at := at + draws.expovariate(rate)) < days * 1440:
        stays, minutes = draws.expovariate(1 / patience), draws.expovariate(1 / service)
        gone = at + stays
        clients.append(a_client(len(clients), at, gone=gone, hangs_up=gone, minutes=minutes))
    return clients


def operators(count: int, days: int) -> list[SimulatedOperator]:
    """Operators who are there all the time."""
    shifts = (Shift(0.0, days * 1440.0),)
    return [SimulatedOperator(Operator(f"op-{n}", ("main",)), 1.0, shifts) for n in range(count)]


class NumberOrder:
    """An order by a function of the lead; it notes how many waited at each look."""

    name, guaranteed_every, retries = "number", None, ()

    def __init__(self, rank: Any) -> None:
        self._rank = rank
        self.waited: list[float] = []

    def begin(self) -> None:
        self.waited.clear()

    def placing(self, lead: SimulatedLead, at: float) -> Placing:
        return Placing(SimulatedPlace("everybody", self._rank(lead)), work=1.0)

    def watch(self, work_per_operator: float | None, at: float) -> bool:
        assert work_per_operator is not None
        self.waited.append(work_per_operator)
        return False


def live_through(clients: Sequence[SimulatedClient], order: Any, staff: int, days: int) -> Shop:
    """A shop that never closes."""
    hours = around_the_clock(ZoneInfo("UTC"))
    calendar = Calendar(hours, MONDAY, days, 1.0)
    shop = Shop(a_scenario(), calendar, operators(staff, days), order)
    shop.run(clients)
    return shop
