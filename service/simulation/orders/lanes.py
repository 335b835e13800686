"""The lanes of simulated leads: the owner of a client for a while, and the skill they need."""

from service.ranking.owner_time import lanes_in_time
from service.simulation.orders.understanding import Understanding
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.client import NEVER
from service.simulation.shop.lead import SimulatedLead

Found = tuple[str, float, str]


class LaneFinder:
    """Finds lanes as a policy does, once per lead and signal."""

    def __init__(self, understood: Understanding, calendar: Calendar) -> None:
        self._understood, self._calendar = understood, calendar
        self._found: dict[tuple[int, float], Found] = {}

    def forget(self) -> None:
        """Forget the lanes of the last week."""
        self._found.clear()

    def find(self, lead: SimulatedLead) -> Found:
        """The lane, the time when its owner's turn ends, and the lane after that."""
        key = (lead.client.number, lead.asked_at)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(lead)
        return found

    def _find(self, lead: SimulatedLead) -> Found:
        lanes = lanes_in_time(self._understood.need_of(lead), self._understood.policy)
        if lanes.passes_on_at is None:
            return lanes.first, NEVER, lanes.first
        return lanes.first, self._calendar.minute(lanes.passes_on_at), lanes.after
