"""The simulated line: lanes sorted by rank, and late leads beside them."""

from collections.abc import Sequence
from heapq import heappop, heappush, heapreplace

from service.simulation.shop.client import NEVER
from service.simulation.shop.lead import Placing, SimulatedLead, SimulatedPlace

Entry = tuple[float, int, int, SimulatedLead]
LateEntry = tuple[float, int, int, SimulatedLead]


class SimulatedLine:
    """Waiting leads by lane. Outdated entries are skipped when they come up."""

    def __init__(self) -> None:
        self.lanes: dict[str, list[Entry]] = {}
        self._late: dict[tuple[str, bool], list[LateEntry]] = {}
        self.waiting: dict[int, SimulatedLead] = {}
        self.work = 0.0

    def put(self, lead: SimulatedLead, placing: Placing, at: float) -> None:
        """Place a lead, also one that has another place already."""
        self.remove(lead)
        lead.placing, lead.waiting = placing, True
        self.waiting[lead.client.number] = lead
        self.work += placing.work
        self._enter(lead, placing.place, at)

    def step(self, lead: SimulatedLead, place: SimulatedPlace, at: float) -> None:
        """Apply one of the foretold steps of a lead."""
        lead.stamp += 1
        self._enter(lead, place, at)

    def remove(self, lead: SimulatedLead) -> None:
        """Take a lead out of the line, if it waits."""
        lead.stamp += 1
        if lead.waiting:
            lead.waiting = False
            del self.waiting[lead.client.number]
            self.work -= lead.placing.work

    def head(self, lanes: Sequence[str], at: float) -> SimulatedLead | None:
        """The first lead of several lanes; among equal ranks, the earlier one."""
        best: Entry | None = None
        for lane in lanes:
            first = self._first(lane, at)
            if first is not None and (best is None or first[:2] < best[:2]):
                best = first
        return None if best is None else best[3]

    def longest_late(self, lanes: Sequence[str], at: float) -> SimulatedLead | None:
        """The longest-late lead of several lanes; `behind` leads come after all others."""
        for behind in (False, True):
            found = [self._first_late((lane, behind), at) for lane in lanes]
            late = [lead for lead in found if lead is not None]
            if late:
                return min(late, key=lambda lead: (lead.placing.late_at, lead.client.number))
        return None

    def _enter(self, lead: SimulatedLead, place: SimulatedPlace, at: float) -> None:
        placing = lead.placing
        lead.place, lead.placed_at = place, at
        entry = (-place.rank, lead.client.number, lead.stamp, lead)
        heappush(self.lanes.setdefault(place.lane, []), entry)
        if placing.late_at < NEVER:
            late = (placing.late_at, lead.client.number, lead.stamp, lead)
            heappush(self._late.setdefault((place.lane, place.behind), []), late)

    def _first(self, lane: str, at: float) -> Entry | None:
        """The first lead of a lane. Ranks that fall are updated when they come to the top."""
        heap = self.lanes.get(lane)
        while heap:
            first = heap[0]
            key, number, stamp, lead = first
            if stamp != lead.stamp:
                heappop(heap)
                continue
            place = lead.place
            if place.decay == 0:
                return first
            present = place.decay * (at - lead.placed_at) - place.rank
            if present <= key + 1e-12:
                return first
            heapreplace(heap, (present, number, stamp, lead))
        return None

    def _first_late(self, lane: tuple[str, bool], at: float) -> SimulatedLead | None:
        heap = self._late.get(lane)
        while heap:
            _, _, stamp, lead = heap[0]
            if stamp == lead.stamp:
                return lead if lead.placing.late_at <= at else None
            heappop(heap)
        return None
