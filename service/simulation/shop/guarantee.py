"""Of every so many claims one takes the longest-late lead, as the line's script does it."""

from collections.abc import Callable

from service.simulation.shop.lead import SimulatedLead


class Guarantee:
    """Counts claims; a due count stays due until somebody can be given a late lead."""

    def __init__(self, every: int | None) -> None:
        self._every, self._count = every, 0

    def choose(
        self, head: SimulatedLead, longest_late: Callable[[], SimulatedLead | None]
    ) -> SimulatedLead:
        """Who is served: the head, or the longest late when it is their turn; counted."""
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
