"""The lanes of simulated leads: the owner of a client for a while, and the skill they need."""

from service.ranking.owner_time import lanes_in_time
from service.rules.need import understand
from service.rules.policy import Policy
from service.simulation.orders.ranking_inputs import ranking_input_of
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.client import NEVER
from service.simulation.shop.lead import SimulatedLead

Found = tuple[str, float, str]


class LaneFinder:
    """Finds lanes as a policy does, once per lead and signal."""

    def __init__(self, policy: Policy, calendar: Calendar) -> None:
        self._policy, self._calendar = policy, calendar
        self._found: dict[tuple[int, float], Found] = {}

    def begin(self) -> None:
        """Forget the clients of the last week."""
        self._found.clear()

    def find(self, lead: SimulatedLead) -> Found:
        """The lane, the time when its owner's turn ends, and the lane after that."""
        key = (lead.client.number, lead.asked_at)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(lead)
        return found

    def _find(self, lead: SimulatedLead) -> Found:
        need = understand(ranking_input_of(lead, self._calendar), self._policy)
        lanes = lanes_in_time(need, self._policy)
        if lanes.passes_on_at is None:
            return lanes.first, NEVER, lanes.first
        return lanes.first, self._calendar.minute(lanes.passes_on_at), lanes.after
