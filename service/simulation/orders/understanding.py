"""The needs of simulated clients, read once for all policies and orders that read alike."""

from collections.abc import Sequence

from service.rules.need import Need, understand, understands_alike
from service.rules.policy import Policy
from service.simulation.orders.ranking_inputs import ranking_input_of
from service.simulation.shop.calendar import Calendar
from service.simulation.shop.lead import SimulatedLead

Asked = tuple[int, bool, bool, float | None]


class Understanding:
    """Needs as a policy understands them, once per lead and signal."""

    def __init__(self, policy: Policy, calendar: Calendar) -> None:
        self.policy, self._calendar = policy, calendar
        self._needs: dict[Asked, Need] = {}

    def need_of(self, lead: SimulatedLead) -> Need:
        """The need of a lead, as it is known now."""
        key = (lead.client.number, lead.live, lead.asked_again, lead.promised_at)
        need = self._needs.get(key)
        if need is None:
            situation = ranking_input_of(lead, self._calendar)
            need = self._needs[key] = understand(situation, self.policy)
        return need

    def forget(self) -> None:
        """Forget the clients of the last week."""
        self._needs.clear()


def understandings_of(policies: Sequence[Policy], calendar: Calendar) -> list[Understanding]:
    """An understanding for each policy. Policies that understand alike share one."""
    found: list[Understanding] = []
    for policy in policies:
        alike = next((item for item in found if understands_alike(item.policy, policy)), None)
        found.append(alike or Understanding(policy, calendar))
    return found
