"""What the line should be: dictionaries, searched from end to end."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from service.leads.lead import Claim, Lead, State


class LineModel:
    """One queue's line; only whether it was lost is kept apart."""

    def __init__(self) -> None:
        self.known: dict[UUID, Lead] = {}
        self.holds: dict[UUID, Claim] = {}
        self.left: dict[UUID, datetime] = {}

    def show(self, lead: Lead, now: datetime, *, again: bool = False) -> bool:
        age = self.known[lead.id].version - lead.version if lead.id in self.known else -1
        if age > 0 or (age == 0 and not again):
            return False
        self.known[lead.id] = lead
        self.holds.pop(lead.id, None)
        self.left.pop(lead.id, None)
        if lead.state is State.CLAIMED and lead.claim:
            self.holds[lead.id] = lead.claim
        elif lead.state is not State.WAITING:
            self.left[lead.id] = now
        return True

    def standing(self, lanes: Collection[str]) -> list[Lead]:
        away = self.holds.keys() | self.left.keys()
        here = [one for one in self.known.values() if one.id not in away]
        in_lanes = [one for one in here if one.standing.lane in lanes]
        return sorted(in_lanes, key=lambda one: (-one.standing.rank, one.id))

    def held_by(self, operator: str) -> list[UUID]:
        return sorted(lead for lead, claim in self.holds.items() if claim.operator == operator)

    def claim(self, lanes: Collection[str], claim: Claim, capacity: int) -> UUID | None:
        held = self.held_by(claim.operator)
        if len(held) >= capacity:
            return held[0]
        for first in self.standing(lanes)[:1]:
            self.holds[first.id] = claim
            return first.id
        return None

    def release(self, lead: UUID, operator: str, token: str) -> bool:
        claim = self.holds.get(lead)
        if claim is None or (claim.operator, claim.token) != (operator, token):
            return False
        del self.holds[lead]
        return True

    def put_back_due(self, now: datetime, most: int) -> int:
        ends = sorted((claim.lease_until, lead) for lead, claim in self.holds.items())
        due = [lead for end, lead in ends if end <= now][:most]
        for lead in due:
            del self.holds[lead]
        return len(due)

    def forget(self, before: datetime, most: int) -> int:
        old = [lead for at, lead in sorted((at, lead) for lead, at in self.left.items())]
        forgotten = [lead for lead in old if self.left[lead] <= before][:most]
        for lead in forgotten:
            del self.left[lead], self.known[lead]
        return len(forgotten)
