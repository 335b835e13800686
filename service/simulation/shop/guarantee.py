"""The guarantee: one in so many claims takes the longest-late lead, as in the line's script."""

from collections.abc import Callable

from service.simulation.shop.lead import SimulatedLead


class Guarantee:
    """Counts claims. A due turn stays due until there is a late lead to give."""

    def __init__(self, every: int | None) -> None:
        self._every, self._count = every, 0

    def choose(
        self, head: SimulatedLead, longest_late: Callable[[], SimulatedLead | None]
    ) -> SimulatedLead:
        """The lead to serve: the head, or the longest-late lead when its turn is due."""
        if self._every is None:
            return head
        self._count += 1
        if self._count < self._every or head.place.protected:
            return head
        late = longest_late()
        if late is None:
            return head
        self._count = 0
        return late
