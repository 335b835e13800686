"""What an order is asked, and what it answers: the same for the production ranking and others."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from service.simulation.shop.lead import Placing, SimulatedLead


class Order(Protocol):
    """An order of service."""

    @property
    def name(self) -> str:
        """What tables call it."""

    @property
    def guaranteed_every(self) -> int | None:
        """Of so many claims one takes the longest-late lead; None without a guarantee."""

    @property
    def retries(self) -> Sequence[timedelta]:
        """After how long a client who did not answer is tried again (B6)."""

    def begin(self) -> None:
        """A new week begins; nothing is remembered of the one before."""

    def placing(self, lead: SimulatedLead, at: float) -> Placing:
        """Where a lead stands from a moment on."""

    def watch(self, work_per_operator: float | None, at: float) -> bool:
        """Whether all leads must be placed again, as another mode came into force.

        `work_per_operator` is None while nobody is on shift.
        """
