"""The interface of an order, the same for the production ranking and all others."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from service.simulation.shop.lead import Placing, SimulatedLead


class Order(Protocol):
    """An order of service."""

    @property
    def name(self) -> str:
        """The name in tables."""

    @property
    def guaranteed_every(self) -> int | None:
        """One in so many claims takes the longest-late lead; None without a guarantee."""

    @property
    def retries(self) -> Sequence[timedelta]:
        """The times after which a client who did not answer is tried again (B6)."""

    def begin(self) -> None:
        """Begin a new week and forget the last one."""

    def placing(self, lead: SimulatedLead, at: float) -> Placing:
        """The places of a lead from a given time on."""

    def watch(self, work_per_operator: float | None, at: float) -> bool:
        """Whether all leads must be placed again, because another mode came into force.

        `work_per_operator` is None while nobody is on shift.
        """
