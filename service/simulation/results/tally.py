"""The results of a week under an order: money, waits by kind, misses, and how busy people were."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from service.leads.lead import Kind
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.client import NEVER
from service.simulation.shop.lead import SimulatedLead

Waits = dict[Kind, "array[float]"]
PATIENT = frozenset({Kind.SELF_ORDER, Kind.OFFLINE, Kind.REGISTRATION})


@dataclass(slots=True)
class Week:
    """The figures of one week; money is expected money, waits are open minutes."""

    money: float = 0.0
    won: float = 0.0
    lost: dict[Kind, float] = field(default_factory=dict)
    clients: int = 0
    never_served: int = 0
    orders: int = 0
    missed: int = 0
    worked: float = 0.0
    staffed: float = 0.0


@dataclass(slots=True)
class Tally:
    """All weeks of one order. `waits` last until the first try; `left` are those without a try."""

    weeks: list[Week] = field(default_factory=list)
    waits: Waits = field(default_factory=dict)
    left: Waits = field(default_factory=dict)

    def add(self, leads: Iterable[SimulatedLead], calendar: Calendar) -> Week:
        """Count the measured clients of a week."""
        week = Week()
        for lead in leads:
            if lead.client.measured:
                self._count(week, lead, calendar)
        self.weeks.append(week)
        return week

    def _count(self, week: Week, lead: SimulatedLead, calendar: Calendar) -> None:
        client = lead.client
        won = client.money_at(lead.begun) if lead.begun < NEVER else 0.0
        week.clients += 1
        week.money += client.worth
        week.won += won
        week.lost[client.kind] = week.lost.get(client.kind, 0.0) + client.worth - won
        if client.cutoff is not None and client.cutoff.moments:
            week.orders += 1
            week.missed += lead.first_try > client.cutoff.moments[0]
        tried = lead.first_try < NEVER
        week.never_served += not tried and not lead.over
        ends = lead.first_try if tried else min(float(calendar.minutes), lead.client.seen_until)
        waited = calendar.open_minutes(client.arrives, ends)
        found = self.waits if tried else self.left
        found.setdefault(client.kind, array("d")).append(waited)

    def longest_patient_wait(self) -> float:
        """The longest wait of clients who are not there in person, in open minutes."""
        both = (*self.waits.items(), *self.left.items())
        return max((max(item) for kind, item in both if kind in PATIENT), default=0.0)
