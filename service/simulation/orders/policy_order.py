"""The production ranking as an order: the same code that ranks leads in the service (A2, A4)."""

from collections.abc import Sequence
from datetime import timedelta

from service.ranking.index import work_minutes
from service.ranking.rank import Place, places_of
from service.rules.policy import Mode, Policy
from service.rules.rush import CALM, next_state
from service.simulation.orders.understanding import Understanding
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.client import NEVER
from service.simulation.shop.lead import Placing, SimulatedLead, SimulatedPlace


class PolicyOrder:
    """A policy's order. Its understanding of clients may be shared with other policies."""

    def __init__(
        self, name: str, policy: Policy, calendar: Calendar, understood: Understanding
    ) -> None:
        self.name, self._policy, self._calendar = name, policy, calendar
        self._understood = understood
        self._in_force, self._state = policy, CALM

    @property
    def guaranteed_every(self) -> int | None:
        """The policy's own."""
        return self._policy.guarantee_every

    @property
    def retries(self) -> Sequence[timedelta]:
        """The policy's own (B6)."""
        return self._policy.no_answer_retries

    def begin(self) -> None:
        """Begin a new week, in calm."""
        self._in_force, self._state = self._policy, CALM

    def placing(self, lead: SimulatedLead, at: float) -> Placing:
        """The place that the service would give the lead, and its future places."""
        minute, policy = self._calendar.minute, self._in_force
        need = self._understood.need_of(lead)
        place, changes, late = places_of(need, policy, self._calendar.moment(at))
        late_at = NEVER if late is None else minute(late)
        steps = ((minute(moment), _simulated(then)) for moment, then in changes)
        return Placing(_simulated(place), steps, late_at, work_minutes(need, policy))

    def watch(self, work_per_operator: float | None, at: float) -> bool:
        """Whether a rush began or ended, by the service's own rules."""
        rules = self._policy.rush
        if rules is None:
            return False
        before = self._state.mode
        moment = self._calendar.moment(at)
        self._state = next_state(self._state, work_per_operator, moment, rules)
        self._in_force = self._policy.in_mode(self._state.mode)
        return self._state.mode is not before

    @property
    def mode(self) -> Mode:
        """The mode in force."""
        return self._state.mode


def _simulated(place: Place) -> SimulatedPlace:
    return SimulatedPlace(place.lane, place.rank, 0.0, place.protected, place.behind)
