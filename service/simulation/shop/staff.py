"""Operators of the simulated shop: shifts, breaks, skills, and their present work."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.hours.hours import Hours
from service.hours.timetable_text import read_timetable
from service.leads.operator import Operator
from service.rules.audience import may_serve
from service.rules.lane_names import lane_of
from service.rules.staff import StaffOnShift
from service.simulation.scenarios.document import BreakPart, Scenario
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.lead import SimulatedLead


@dataclass(frozen=True, slots=True)
class Shift:
    """A time in which an operator takes leads, in minutes of the week."""

    begins: float
    ends: float


@dataclass(slots=True)
class SimulatedOperator:
    """An operator. `busy_until` belongs to the current lead; `paused` is the lead below it."""

    operator: Operator
    pace: float
    shifts: tuple[Shift, ...]
    on_shift: bool = False
    lead: SimulatedLead | None = None
    begun: float = 0.0
    busy_until: float = 0.0
    stamp: int = 0
    paused: tuple[SimulatedLead, float] | None = None
    worked: float = 0.0

    @property
    def name(self) -> str:
        """The operator's name."""
        return self.operator.name


def hire(scenario: Scenario, begins: datetime, days: int) -> list[SimulatedOperator]:
    """All operators of a scenario, idle and off shift."""
    zone, found = ZoneInfo(scenario.time_zone), []
    for number, part in enumerate(scenario.operators):
        hours = Hours(read_timetable({"weekly": part.shifts}, zone))
        shifts = Calendar(hours, begins, days, 0.0).open
        for place in range(part.count):
            name = f"operator-{number + 1}-{place + 1}"
            operator = Operator(name, ("main",), frozenset(part.skills))
            pieces = _without_breaks(shifts, part.breaks, place)
            found.append(SimulatedOperator(operator, part.pace, pieces))
    return found


def staffed_minutes(operators: Iterable[SimulatedOperator]) -> float:
    """The minutes of all shifts of a week, without breaks."""
    return sum(shift.ends - shift.begins for item in operators for shift in item.shifts)


def _without_breaks(
    shifts: Sequence[tuple[float, float]], breaks: Sequence[BreakPart], place: int
) -> tuple[Shift, ...]:
    pieces = [Shift(*item) for item in shifts]
    for part in breaks:
        hour, _, minute = part.at.partition(":")
        of_day = int(hour) * 60 + int(minute) + place * part.apart
        pieces = [
            rest
            for piece in pieces
            for rest in _cut(piece, piece.begins // 1440 * 1440 + of_day, part.minutes)
        ]
    return tuple(pieces)


def _cut(piece: Shift, at: float, minutes: float) -> list[Shift]:
    if not piece.begins < at < piece.ends:
        return [piece]
    rests = (Shift(piece.begins, at), Shift(at + minutes, piece.ends))
    return [item for item in rests if item.ends > item.begins]


class Doors:
    """The lanes from which an operator is served, by the service's own rules."""

    def __init__(self, operators: Sequence[SimulatedOperator]) -> None:
        self._everybody = {item.name: item.operator for item in operators}
        self._served: dict[tuple[str, frozenset[str], int], tuple[str, ...]] = {}

    def served(
        self, operator: SimulatedOperator, lanes: Collection[str], at_work: frozenset[str]
    ) -> tuple[str, ...]:
        """The lanes of an operator while these operators are at work. Lanes are only ever added."""
        key = (operator.name, at_work, len(lanes))
        found = self._served.get(key)
        if found is None:
            there = {name: self._everybody[name] for name in at_work}
            staff = StaffOnShift(there, self._everybody)
            mine = (item for item in lanes if may_serve(operator.operator, lane_of(item), staff))
            found = self._served[key] = tuple(mine)
        return found
