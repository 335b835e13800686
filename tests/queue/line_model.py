"""What the line should be: dictionaries, searched from end to end."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.leads.lead import Claim, Lead, State, Step

ENDED = (State.SETTLED, State.JOINED)
Given = tuple[UUID | None, Lead | None]


def moved_on(lead: Lead, now: datetime) -> Lead:
    """The lead once what is due of its timeline is done; a parked one then waits."""
    timeline = lead.ranking.timeline
    done = [step for step in timeline if step.at <= now]
    if lead.state in ENDED or not done:
        return lead
    place = {"rank": done[-1].rank, "lane": done[-1].lane, "timeline": timeline[len(done) :]}
    state = State.WAITING if lead.state is State.PARKED else lead.state
    return replace(lead, state=state, ranking=replace(lead.ranking, **place))


def with_next_steps(lead: Lead) -> Lead:
    """The lead as the line knows it: with its next two steps, whatever comes later."""
    ranking = lead.ranking
    return replace(lead, ranking=replace(ranking, timeline=ranking.timeline[:2]))


class LineModel:
    """One queue's line; only whether it was lost is kept apart."""

    def __init__(self) -> None:
        self.existing: dict[UUID, Lead] = {}
        self.holds: dict[UUID, Claim] = {}
        self.left: dict[UUID, datetime] = {}

    def show(self, lead: Lead, now: datetime, *, again: bool = False) -> bool:
        age = self.existing[lead.id].version - lead.version if lead.id in self.existing else -1
        if age > 0 or (age == 0 and not again):
            return False
        self.existing[lead.id] = with_next_steps(moved_on(lead, now))
        self.holds.pop(lead.id, None)
        self.left.pop(lead.id, None)
        if lead.state is State.CLAIMED and lead.claim:
            self.holds[lead.id] = lead.claim
        elif lead.state in ENDED or (lead.state is State.PARKED and not lead.ranking.timeline):
            self.left[lead.id] = now
        return True

    def timelines(self) -> dict[UUID, tuple[Step, ...]]:
        here = [item for item in self.existing.values() if item.id not in self.left]
        return {item.id: item.ranking.timeline for item in here if item.ranking.timeline}

    def take_steps(self, now: datetime, limit: int) -> int:
        due = sorted((steps[0].at, lead) for lead, steps in self.timelines().items())
        takers = [lead for at, lead in due if at <= now][:limit]
        for lead in takers:
            self.existing[lead] = moved_on(self.existing[lead], now)
        return len(takers)

    def ranking(self, lanes: Collection[str]) -> list[Lead]:
        away = self.holds.keys() | self.left.keys()
        here = [item for item in self.existing.values() if item.id not in away]
        waiting = [item for item in here if item.state is not State.PARKED]
        in_lanes = [item for item in waiting if item.ranking.lane in lanes]
        return sorted(in_lanes, key=lambda item: (-item.ranking.rank, item.id))

    def held_by(self, operator: str) -> list[UUID]:
        return sorted(lead for lead, claim in self.holds.items() if claim.operator == operator)

    def claim(self, lanes: Collection[str], claim: Claim, capacity: int) -> Given:
        held = self.held_by(claim.operator)
        if len(held) >= capacity:
            return held[0], None
        self.take_steps(claim.since, len(self.existing))
        first, second, *_ = (*self.ranking(lanes), None, None)
        if first:
            self.holds[first.id] = claim
        return first and first.id, second

    def release(self, lead: UUID, operator: str, token: str) -> bool:
        claim = self.holds.get(lead)
        if claim is None or (claim.operator, claim.token) != (operator, token):
            return False
        del self.holds[lead]
        return True

    def put_back_due(self, now: datetime, limit: int) -> int:
        ends = sorted((claim.lease_until, lead) for lead, claim in self.holds.items())
        due = [lead for end, lead in ends if end <= now][:limit]
        for lead in due:
            del self.holds[lead]
        return len(due)

    def forget(self, before: datetime, limit: int) -> int:
        old = [lead for at, lead in sorted((at, lead) for lead, at in self.left.items())]
        forgotten = [lead for lead in old if self.left[lead] <= before][:limit]
        for lead in forgotten:
            del self.left[lead], self.existing[lead]
        return len(forgotten)
