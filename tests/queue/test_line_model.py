"""The line on a real server does as its model, step by step, whatever happens in whatever order."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from line_makers import (
    QUEUE,
    Contents,
    claim_of,
    claimed,
    client_of,
    contents,
    gone,
    lead_id,
    moment,
    parked,
    put_in_step,
    reserved,
    step,
    waiting,
)
from line_model import ENDED, Given, LineModel
from redis.asyncio import Redis

from service.embedded.servers import Addresses
from service.leads.errors import LineLost
from service.leads.lead import Lead, State, Step
from service.queue.in_step import clear, in_step, versions
from service.queue.line import Line, Reservation, Runner
from service.queue.showing import milliseconds

T = TypeVar("T")
Place = tuple[int, str]
Steps = list[tuple[int, int, str]]

THOROUGH = settings(
    max_examples=80,
    stateful_step_count=30,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)

NUMBERS = range(1, 7)
LANES = ("everybody", "every", "owner:anna")
OPERATORS = {"an": LANES[:1], "anna": LANES, "an.na": LANES[1::-1], "boris": LANES[1:]}

some_number = st.sampled_from(NUMBERS)
some_lane = st.sampled_from(LANES)
some_rank = st.sampled_from([0, 10**15, 2**53 - 2, 2**53 - 1])
some_place = st.tuples(some_rank, some_lane)
some_operator = st.sampled_from(list(OPERATORS))
some_time = st.integers(1, 40)
some_version_step = st.integers(1, 12)
some_steps = st.lists(st.tuples(st.integers(-5, 40), some_rank, some_lane), max_size=3).map(sorted)
few_or_all = st.sampled_from([1, 2, 1000])


class LineMachine(RuleBasedStateMachine):
    """Moves of every kind, made on the server and on the model alike."""

    def __init__(self, runner: asyncio.Runner, redis: Redis) -> None:
        super().__init__()
        self.runner, self.redis, self.line = runner, redis, Line(redis, "")
        self.model = LineModel()
        self.truth: dict[UUID, Lead] = {}
        self.now, self.tokens, self.lost = 0, 0, True

    def run(self, move: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(move)

    def token(self) -> str:
        self.tokens += 1
        return f"t{self.tokens}"

    def timeline(self, steps: Steps) -> tuple[Step, ...]:
        return tuple(step(self.now + after, rank, lane) for after, rank, lane in steps)

    def next_version(self, number: int, step: int) -> int:
        last = self.truth.get(lead_id(number))
        return step + (last.version if last else 0)

    def show(self, lead: Lead, *, again: bool = False) -> bool:
        now = moment(self.now)
        shown = self.run(self.line.show(lead, now, again=again))
        assert shown == self.model.show(lead, now, again=again)
        return shown

    def show_truth(self, lead: Lead) -> None:
        self.truth[lead.id] = lead
        self.show(lead)

    @initialize(waiting_first=st.lists(st.tuples(some_rank, some_lane), max_size=len(NUMBERS)))
    def begin(self, waiting_first: list[tuple[int, str]]) -> None:
        self.run(self.redis.flushall())
        self.rebuild()
        for number, (rank, lane) in zip(NUMBERS, waiting_first, strict=False):
            self.show_waiting(number, 1, (rank, lane), [])

    @rule(number=some_number, by=some_version_step, place=some_place, steps=some_steps)
    def show_waiting(self, number: int, by: int, place: Place, steps: Steps) -> None:
        how = {"rank": place[0], "lane": place[1], "timeline": self.timeline(steps)}
        self.show_truth(waiting(number, self.next_version(number, by), **how))

    @rule(
        number=some_number,
        operator=some_operator,
        place=some_place,
        time=some_time,
        steps=some_steps,
    )
    def show_claimed(
        self, number: int, operator: str, place: Place, time: int, steps: Steps
    ) -> None:
        version, until = self.next_version(number, 1), self.now + time
        how = {"rank": place[0], "lane": place[1], "timeline": self.timeline(steps)}
        self.show_truth(claimed(number, version, operator, self.token(), until=until, **how))

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), time=some_time)
    def show_renewed(self, data: st.DataObject, time: int) -> None:
        lead = data.draw(st.sampled_from(sorted(self.model.holds)))
        ranking, hold = self.model.existing[lead].ranking, self.model.holds[lead]
        version, until = self.next_version(lead.int, 1), self.now + time
        where = {"rank": ranking.rank, "lane": ranking.lane, "timeline": ranking.timeline}
        self.show_truth(claimed(lead.int, version, hold.operator, hold.token, until=until, **where))

    @rule(number=some_number, by=some_version_step, steps=some_steps)
    def show_parked(self, number: int, by: int, steps: Steps) -> None:
        self.show_truth(parked(number, self.next_version(number, by), *self.timeline(steps)))

    @rule(number=some_number, by=some_version_step, state=st.sampled_from(ENDED), steps=some_steps)
    def show_gone(self, number: int, by: int, state: State, steps: Steps) -> None:
        version, timeline = self.next_version(number, by), self.timeline(steps)
        self.show_truth(waiting(number, version, state=state, timeline=timeline))

    @precondition(lambda self: self.model.existing)
    @rule(
        data=st.data(), make=st.sampled_from([waiting, claimed, parked, gone]), again=st.booleans()
    )
    def show_older_or_again(self, data: st.DataObject, make: Any, again: bool) -> None:
        existing = self.model.existing[data.draw(st.sampled_from(sorted(self.model.existing)))]
        version = data.draw(st.integers(existing.version - 3, existing.version))
        lead = make(existing.id.int, max(0, version))
        if self.show(lead, again=again) and self.truth[lead.id].version == lead.version:
            self.truth[lead.id] = lead

    @rule(
        operators=st.lists(some_operator, min_size=1, max_size=5),
        capacity=st.sampled_from([1, 1, 2, 3]),
        time=some_time,
    )
    def claim(self, operators: list[str], capacity: int, time: int) -> None:
        for operator in operators:
            self.claim_one(operator, capacity, time)

    def claim_one(self, operator: str, capacity: int, time: int) -> None:
        lanes, until = OPERATORS[operator], self.now + time
        claim = claim_of(operator, self.token(), until=until, now=self.now)
        move = self.line.claim(QUEUE, lanes, claim, capacity)
        if self.lost:
            with pytest.raises(LineLost):
                self.run(move)
            self.rebuild()
        else:
            assert self.run(move) == self.reservation(self.model.claim(lanes, claim, capacity))

    def reservation(self, given: Given) -> Reservation | None:
        lead, second = given
        if lead is None:
            return None
        runner = Runner(second.id, second.ranking.rank) if second else None
        token, existing = self.model.holds[lead].token, self.model.existing[lead]
        return Reservation(QUEUE, lead, token, existing.version, existing.ranking.rank, runner)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), other=some_operator, mistake=st.sampled_from(["", "", "token", "name"]))
    def release(self, data: st.DataObject, other: str, mistake: str) -> None:
        lead = data.draw(st.sampled_from(sorted(self.model.holds)))
        claim = self.model.holds[lead]
        operator = other if mistake == "name" else claim.operator
        token = claim.token + "0" if mistake == "token" else claim.token
        released = self.run(self.line.release(reserved(lead.int, token), operator))
        assert released == self.model.release(lead, operator, token)

    @rule(time=some_time, limit=few_or_all)
    def time_passes(self, time: int, limit: int) -> None:
        self.now += time
        now = moment(self.now)
        put_back = self.run(self.line.put_back_due(QUEUE, now, limit))
        assert put_back == self.model.put_back_due(now, limit)

    @rule(time=some_time, limit=few_or_all)
    def steps_fall_due(self, time: int, limit: int) -> None:
        self.now += time
        now = moment(self.now)
        taken = self.run(self.line.take_steps(QUEUE, now, limit))
        assert taken == self.model.take_steps(now, limit)

    @rule(age=st.integers(0, 40), limit=few_or_all)
    def forget(self, age: int, limit: int) -> None:
        before = moment(self.now - age)
        assert self.run(self.line.forget(QUEUE, before, limit)) == self.model.forget(before, limit)

    @rule(loses_data=st.booleans(), is_cleared=st.booleans())
    def server_forgets(self, loses_data: bool, is_cleared: bool) -> None:
        self.run(self.redis.script_flush())
        if loses_data:
            self.run(clear(self.line, QUEUE) if is_cleared else self.redis.flushall())
            self.model, self.lost = LineModel(), True

    def rebuild(self) -> None:
        self.run(clear(self.line, QUEUE))
        self.model, self.lost = LineModel(), False
        ranking = [lead for lead in self.truth.values() if lead.state not in ENDED]
        self.run(self.line.show_all(ranking, moment(self.now)))
        for lead in ranking:
            self.model.show(lead, moment(self.now))
        self.run(put_in_step(self.line))

    @invariant()
    def line_is_as_its_model(self) -> None:
        found = self.run(contents(self.redis, self.line.keys(QUEUE)))
        assert found == as_contents(self.model)
        check_that_each_lead_is_in_one_place(found)

    @rule()
    def what_it_knows_is_told(self) -> None:
        ids = [lead_id(number) for number in NUMBERS]
        existing = [self.model.existing.get(item) for item in ids]
        reported = self.run(versions(self.line, QUEUE, [str(item) for item in ids]))
        assert reported == [item.version if item else -1 for item in existing]
        assert (QUEUE not in self.run(in_step(self.line, [QUEUE]))) == self.lost


def as_contents(model: LineModel) -> Contents:
    lanes = {lane: model.ranking([lane]) for lane in LANES}
    return Contents(
        lanes={
            lane: [(str(item.id), float(-item.ranking.rank)) for item in leads]
            for lane, leads in lanes.items()
            if leads
        },
        places={str(item.id): place(item) for item in model.existing.values()},
        held={str(lead): milliseconds(claim.lease_until) for lead, claim in model.holds.items()},
        holders={str(id_): f"{claim.operator} {claim.token}" for id_, claim in model.holds.items()},
        holdings=sorted(f"{claim.operator} {lead}" for lead, claim in model.holds.items()),
        gone={str(lead): milliseconds(at) for lead, at in model.left.items()},
        steps={str(lead): milliseconds(steps[0].at) for lead, steps in model.timelines().items()},
        timelines={str(lead): sent(steps) for lead, steps in model.timelines().items()},
    )


def place(lead: Lead) -> str:
    if lead.state in (*ENDED, State.PARKED):
        return f"{lead.version}||"
    return f"{lead.version}|{lead.ranking.lane}|{-lead.ranking.rank}"


def sent(timeline: tuple[Step, ...]) -> str:
    return ";".join(f"{milliseconds(item.at)} {item.lane} {-item.rank}" for item in timeline)


def check_that_each_lead_is_in_one_place(found: Contents) -> None:
    ranking = [lead for lane in found.lanes for lead in found.ids(lane)]
    parked = [lead for lead in found.steps if found.places[lead].endswith("||")]
    assert sorted([*ranking, *found.held, *found.gone, *parked]) == sorted(found.places)
    assert found.steps.keys() == found.timelines.keys()
    assert found.held.keys() == found.holders.keys()
    holdings = (f"{holder.split()[0]} {lead}" for lead, holder in found.holders.items())
    assert sorted(holdings) == found.holdings


@pytest.mark.timeout(360)
def test_the_line_does_as_its_model(servers: Addresses) -> None:
    with asyncio.Runner() as runner:
        redis = client_of(servers.redis_url)
        try:
            run_state_machine_as_test(lambda: LineMachine(runner, redis), settings=THOROUGH)
        finally:
            runner.run(redis.aclose())
