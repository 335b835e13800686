"""The production ranking as an order: the same code that ranks leads in service (rules A2, A4)."""

from collections.abc import Sequence
from datetime import timedelta

from service.ranking.rank import rank_understood
from service.rules.need import Need, understand
from service.rules.policy import Policy
from service.simulation.orders.situations import situation_of
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.client import NEVER
from service.simulation.shop.lead import Place, Placing, SimulatedLead


class PolicyOrder:
    """A policy's order; texts are read once for each lead and each of its clients' words."""

    guaranteed_every: int | None = None

    def __init__(self, name: str, policy: Policy, calendar: Calendar) -> None:
        self.name, self._policy, self._calendar = name, policy, calendar
        self._needs: dict[tuple[int, bool, bool, float | None], Need] = {}

    @property
    def retries(self) -> Sequence[timedelta]:
        """The policy's own (B6)."""
        return self._policy.no_answer_retries

    def begin(self) -> None:
        """A new week has other clients."""
        self._needs.clear()

    def placing(self, lead: SimulatedLead, at: float) -> Placing:
        """Where the service would place the lead, and what it foretells."""
        calendar = self._calendar
        ranking = rank_understood(self._need(lead), self._policy, calendar.moment(at))
        steps = tuple(
            (calendar.minute(step.at), Place(step.lane, step.rank)) for step in ranking.timeline
        )
        late_at = NEVER if ranking.late_at is None else calendar.minute(ranking.late_at)
        return Placing(Place(ranking.lane, ranking.rank), steps, late_at, (0, late_at))

    def watch(self, work_per_operator: float | None, at: float) -> bool:
        """There is one mode only."""
        return False

    def _need(self, lead: SimulatedLead) -> Need:
        key = (lead.client.number, lead.live, lead.asked_again, lead.promised_at)
        need = self._needs.get(key)
        if need is None:
            situation = situation_of(lead, self._calendar)
            need = self._needs[key] = understand(situation, self._policy)
        return need
