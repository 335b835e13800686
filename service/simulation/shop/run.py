"""An event loop over one week: clients come and go, and operators serve the first lead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count

from service.leads.lead import Kind
from service.simulation.scenarios.document import Scenario
from service.simulation.shop.calendar import MINUTE, Calendar
from service.simulation.shop.client import NEVER, SimulatedClient
from service.simulation.shop.guarantee import Guarantee
from service.simulation.shop.lead import SimulatedLead, SimulatedPlace, Step
from service.simulation.shop.line import SimulatedLine
from service.simulation.shop.order import Order
from service.simulation.shop.staff import Doors, SimulatedOperator

WATCH_MINUTES = 1.0

Event = tuple[float, int, Callable[[float], None]]


@dataclass(frozen=True, slots=True)
class SimulatedClaim:
    """One claim, as it happened."""

    at: float
    operator: str
    client: int


class Shop:
    """A week of one shop under one order."""

    def __init__(
        self,
        scenario: Scenario,
        calendar: Calendar,
        operators: Sequence[SimulatedOperator],
        order: Order,
    ) -> None:
        self._scenario, self._calendar, self._order = scenario, calendar, order
        self._operators, self._doors = operators, Doors(operators)
        self._line, self._guarantee = SimulatedLine(), Guarantee(order.guaranteed_every)
        self._idle: dict[str, SimulatedOperator] = {}
        self._at_work: frozenset[str] = frozenset()
        self._events: list[Event] = []
        self._numbers = count()
        self.leads: list[SimulatedLead] = []
        self.claims: list[SimulatedClaim] = []

    def run(self, clients: Sequence[SimulatedClient]) -> None:
        """Simulate the week. Afterwards `leads` show what happened to each client."""
        self._order.begin()
        self._foresee(clients)
        while self._events:
            at, _, happen = heappop(self._events)
            if at >= self._calendar.minutes:
                break
            happen(at)
            if self._idle and self._line.waiting:
                self._serve(at)

    def _foresee(self, clients: Sequence[SimulatedClient]) -> None:
        found: list[tuple[float, Callable[[float], None]]] = []
        for operator in self._operators:
            for shift in operator.shifts:
                found.append((shift.begins, partial(self._come, operator)))
                found.append((shift.ends, partial(self._leave, operator)))
        found += [(item.arrives, partial(self._arrive, item)) for item in clients]
        found += [(begins, partial(self._watch, ends)) for begins, ends in self._calendar.open]
        self._events = [(at, next(self._numbers), happen) for at, happen in found]
        heapify(self._events)

    def _schedule(self, at: float, happen: Callable[[float], None]) -> None:
        if at < NEVER:
            heappush(self._events, (at, next(self._numbers), happen))

    # Clients

    def _arrive(self, client: SimulatedClient, at: float) -> None:
        lead = SimulatedLead(client, client.live, at)
        self.leads.append(lead)
        self._place(lead, at)
        if client.live:
            self._schedule(client.hangs_up, partial(self._hang_up, lead))
            if client.on_top and client.kind is Kind.PHONE:
                self._take_on_top(lead, at)
        elif not client.silent:
            self._schedule(client.gone, partial(self._withdraw, lead))
        self._schedule(client.again_at, partial(self._write_again, lead))

    def _hang_up(self, lead: SimulatedLead, at: float) -> None:
        """A live client leaves unserved. Their lead becomes a missed call or is lost (A8)."""
        if lead.begun == NEVER and not lead.over:
            lead.live = False
            if lead.client.comes_back:
                self._place(lead, at)
            else:
                self._withdraw(lead, at)

    def _withdraw(self, lead: SimulatedLead, at: float) -> None:
        if lead.begun == NEVER:
            lead.over = True
            self._line.remove(lead)

    def _write_again(self, lead: SimulatedLead, at: float) -> None:
        """The new message joins the lead and becomes the client's last word (A20)."""
        if lead.waiting:
            lead.asked_again, lead.asked_at = True, at
            self._place(lead, at)

    # The line

    def _place(self, lead: SimulatedLead, at: float) -> None:
        self._line.put(lead, self._order.placing(lead, at), at)
        self._expect(lead, next(lead.placing.steps, None))

    def _expect(self, lead: SimulatedLead, step: Step | None) -> None:
        if step is not None:
            at, place = step
            self._schedule(at, partial(self._step, lead, lead.stamp, place))

    def _step(self, lead: SimulatedLead, stamp: int, place: SimulatedPlace, at: float) -> None:
        """Apply a foretold step. At the last one the lead is placed anew."""
        if lead.stamp != stamp:
            return
        following = next(lead.placing.steps, None)
        if following is None:
            self._place(lead, at)
        else:
            self._line.step(lead, place, at)
            self._expect(lead, following)

    def _watch(self, until: float, at: float) -> None:
        """The work of the reconciling replica: it begins and ends a mode."""
        there = len(self._at_work)
        if self._order.watch(self._line.work / there if there else None, at):
            for lead in list(self._line.waiting.values()):
                self._place(lead, at)
        if at + WATCH_MINUTES < until:
            self._schedule(at + WATCH_MINUTES, partial(self._watch, until))

    # Operators

    def _come(self, operator: SimulatedOperator, at: float) -> None:
        operator.on_shift = True
        self._at_work |= {operator.name}
        if operator.lead is None:
            self._idle[operator.name] = operator

    def _leave(self, operator: SimulatedOperator, at: float) -> None:
        operator.on_shift = False
        self._at_work -= {operator.name}
        self._idle.pop(operator.name, None)

    def _serve(self, at: float) -> None:
        """Every free operator takes the first lead for them, the longest idle first."""
        for operator in list(self._idle.values()):
            lanes = self._served(operator)
            head = self._line.head(lanes, at)
            if head is not None:
                late = partial(self._line.longest_late, lanes, at)
                del self._idle[operator.name]
                self._take(operator, self._guarantee.choose(head, late), at)

    def _served(self, operator: SimulatedOperator) -> Sequence[str]:
        return self._doors.served(operator, self._line.lanes, self._at_work)

    def _take(self, operator: SimulatedOperator, lead: SimulatedLead, at: float) -> None:
        self._line.remove(lead)
        client = lead.client
        self.claims.append(SimulatedClaim(at, operator.name, client.number))
        lead.first_try = min(lead.first_try, at)
        answers = lead.live or client.answers[lead.tries % len(client.answers)] >= client.no_answer
        lead.tries += 1
        if at <= client.gone and answers:
            lead.begun = at
            self._work(operator, lead, at, client.minutes * operator.pace)
        else:
            self._work(operator, lead, at, self._scenario.try_minutes)

    def _work(
        self, operator: SimulatedOperator, lead: SimulatedLead, at: float, minutes: float
    ) -> None:
        operator.lead, operator.busy_until = lead, at + minutes
        operator.stamp += 1
        operator.worked += minutes
        self._schedule(operator.busy_until, partial(self._end, operator, operator.stamp))

    def _end(self, operator: SimulatedOperator, stamp: int, at: float) -> None:
        lead = operator.lead
        if operator.stamp != stamp or lead is None:
            return
        self._settle(lead, at)
        operator.lead = None
        if operator.paused is not None:
            below, left = operator.paused
            operator.paused = None
            self._work(operator, below, at, left)
        elif operator.on_shift:
            self._idle[operator.name] = operator

    def _settle(self, lead: SimulatedLead, at: float) -> None:
        """Settle a lead that was served or is gone; else try again, or give up."""
        client, retries = lead.client, self._order.retries
        tells = client.answers[-1 - lead.tries % len(client.answers)] < client.gone_says
        if lead.begun < NEVER or lead.over or (at > client.gone and tells):
            lead.over = True
        elif lead.tries <= len(retries):
            self._schedule(at + retries[lead.tries - 1] / MINUTE, partial(self._come_back, lead))
        else:
            lead.over = True

    def _come_back(self, lead: SimulatedLead, at: float) -> None:
        if not lead.over:
            lead.callback_due, lead.promised_at = True, at
            self._place(lead, at)

    def _take_on_top(self, call: SimulatedLead, at: float) -> None:
        """When nobody is free, an operator whose client is not there takes the call on top (A7)."""
        lane = call.place.lane
        if any(lane in self._served(item) for item in self._idle.values()):
            return
        able = [
            item
            for item in self._operators
            if item.on_shift and item.lead is not None and item.paused is None
            if not item.lead.live and lane in self._served(item)
        ]
        operator = max(able, key=lambda item: item.busy_until, default=None)
        if operator is not None and operator.lead is not None:
            left = operator.busy_until - at
            operator.paused = operator.lead, left + self._scenario.on_top.switch_minutes
            operator.worked -= left  # it is worked off and counted later
            self._take(operator, call, at)
