"""Simulates a scenario under several orders with the same clients, and counts the money kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from service.rules.policy import Policy
from service.simulation.orders.lanes import LaneFinder
from service.simulation.orders.oracle import Oracle
from service.simulation.orders.plain import PLAIN, PlainOrder
from service.simulation.orders.policy_order import PolicyOrder
from service.simulation.orders.understanding import Understanding, understandings_of
from service.simulation.results.tally import Tally
from service.simulation.scenarios.document import Scenario
from service.simulation.scenarios.reading import begins_at, hours_of
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.client import SimulatedClient
from service.simulation.shop.drawing import DAY, Drawing
from service.simulation.shop.order import Order
from service.simulation.shop.run import Shop
from service.simulation.shop.staff import SimulatedOperator, hire, staffed_minutes

ORACLE, FIRST_COME = "oracle", "fifo"
ORDERS = (*PLAIN, ORACLE)
ALWAYS = (FIRST_COME, ORACLE)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """The measured days, the loads, the seed, and the orders beside the policies."""

    days: int = 200
    loads: Sequence[float] = (1.0,)
    seed: int = 1
    against: Sequence[str] = ORDERS


@dataclass(frozen=True, slots=True)
class Run:
    """All orders at one load. The first tally is that of the first policy."""

    load: float
    tallies: Mapping[str, Tally]


def simulate(
    scenario: Scenario, policies: Mapping[str, Policy], plan: Plan, progress: Progress
) -> list[Run]:
    """A run for each load. FIFO and the oracle always run, because the gap needs them."""
    return [_at_load(scenario, policies, plan, load, progress) for load in plan.loads]


def _at_load(
    scenario: Scenario, policies: Mapping[str, Policy], plan: Plan, load: float, progress: Progress
) -> Run:
    world = World(scenario)
    orders = world.orders(policies, plan.against)
    tallies = {order.name: Tally() for order in orders}
    for number, days in enumerate(world.weeks(plan.days)):
        clients = world.clients(load, f"{plan.seed}/{number}", days)
        for order in orders:
            world.live(clients, order, tallies[order.name])
        progress(f"load {load:g}: {min(plan.days, (number + 1) * days)} of {plan.days} days")
    return Run(load, tallies)


class World:
    """A scenario, ready to be simulated week by week."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.hours = hours_of(scenario)
        part = scenario.week
        self._days = part.warm_up + part.measured + part.cool_down
        begins = begins_at(scenario, self.hours)
        self.calendar = Calendar(self.hours, begins, self._days, scenario.closed_wear)
        self._remembering: list[Understanding | LaneFinder] = []
        staff = self._staff()
        self._staffed = staffed_minutes(staff)
        self._drawing = Drawing(scenario, self.calendar, [item.name for item in staff])

    def weeks(self, days: int) -> list[int]:
        """The measured days of each week."""
        each = self._scenario.week.measured
        whole = ceil(days / each)
        return [min(each, days - number * each) for number in range(whole)]

    def orders(self, policies: Mapping[str, Policy], against: Sequence[str]) -> list[Order]:
        """The policies first, then the orders to compare with, always with FIFO and the oracle."""
        ready = {name: self.with_hours(policy) for name, policy in policies.items()}
        understood = understandings_of(list(ready.values()), self.calendar)
        found: list[Order] = [
            PolicyOrder(name, item, self.calendar, own)
            for (name, item), own in zip(ready.items(), understood, strict=True)
        ]
        lanes = LaneFinder(understood[0], self.calendar)
        retries = understood[0].policy.no_answer_retries
        self._remembering = [*understood, lanes]
        for name in ORDERS:
            if name in against or name in ALWAYS:
                plain = PLAIN.get(name)
                found.append(
                    Oracle(lanes, retries)
                    if plain is None
                    else PlainOrder(name, plain, lanes, retries)
                )
        return found

    def with_hours(self, policy: Policy) -> Policy:
        """The policy, with the shop's hours if it has none: else it would never close."""
        always_open = policy.hours.timetable.never_closes()
        return replace(policy, hours=self.hours) if always_open else policy

    def clients(self, load: float, seed: str, days: int) -> list[SimulatedClient]:
        """A week's clients. Load 1 is as much work as the operators have minutes."""
        a_day = load * self._staffed / self._drawing.mean_minutes / self._days
        for remembering in self._remembering:
            remembering.forget()
        begins = self._scenario.week.warm_up * DAY
        return self._drawing.week(a_day, seed, (begins, begins + days * DAY))

    def live(self, clients: Sequence[SimulatedClient], order: Order, tally: Tally) -> Shop:
        """Simulate a week under an order, and count its results."""
        staff = self._staff()
        shop = Shop(self._scenario, self.calendar, staff, order)
        shop.run(clients)
        week = tally.add(shop.leads, self.calendar)
        week.worked, week.staffed = sum(item.worked for item in staff), self._staffed
        return shop

    def _staff(self) -> list[SimulatedOperator]:
        begins = begins_at(self._scenario, self.hours)
        return hire(self._scenario, begins, self._days)
