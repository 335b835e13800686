"""What a line would be under another policy: who moves where, and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.leads.lead import Kind, Standing

MOST_MOVES = 50
MOST_FIRST = 10
FINDINGS = ("kind", "intent", "chance", "budget", "urgency", "stage", "ties", "formula")


@dataclass(frozen=True, slots=True)
class Spot:
    """What counts of a standing when lines are compared: a hundred thousand are held at once."""

    kind: Kind
    rank: int
    cost_per_minute: float


@dataclass(frozen=True, slots=True)
class Shift:
    """A lead, where it stands, and where it would stand."""

    lead_id: UUID
    before: Spot
    after: Spot


@dataclass(frozen=True, slots=True)
class Move:
    """A shift with the places in line that it is between, the first being 1."""

    shift: Shift
    place_before: int
    place_after: int

    @property
    def upwards(self) -> int:
        """How many places nearer to the front it comes."""
        return self.place_before - self.place_after


@dataclass(frozen=True, slots=True)
class KindTotals:
    """The leads of one kind that would be of one kind; costs in money per minute."""

    kind_before: Kind
    kind_after: Kind
    leads: int
    moved_up: int
    moved_down: int
    cost_per_minute_before: float
    cost_per_minute_after: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A line beside what it would be; costs of waiting in money per minute."""

    leads: int
    moved: int
    first_before: Sequence[UUID]
    first_after: Sequence[UUID]
    greatest: Sequence[Move]
    by_kind: Sequence[KindTotals]
    cost_per_minute_before: float
    cost_per_minute_after: float


@dataclass(frozen=True, slots=True)
class Change:
    """A part of the explanation that would change; JSON values."""

    what: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def compare(shifts: Sequence[Shift]) -> Comparison:
    """The line that the shifts' leads make beside the one that they would make."""
    by_id = sorted(shifts, key=lambda one: one.lead_id.int)  # equal ranks stay in this order
    before = sorted(by_id, key=lambda one: -one.before.rank)
    after = sorted(by_id, key=lambda one: -one.after.rank)
    places = {one.lead_id.int: place for place, one in enumerate(after, 1)}
    moves = [Move(one, place, places[one.lead_id.int]) for place, one in enumerate(before, 1)]
    moved = [one for one in moves if one.upwards]
    moved.sort(key=lambda one: (-abs(one.upwards), one.place_after))
    return Comparison(
        leads=len(moves),
        moved=len(moved),
        first_before=[one.lead_id for one in before[:MOST_FIRST]],
        first_after=[one.lead_id for one in after[:MOST_FIRST]],
        greatest=moved[:MOST_MOVES],
        by_kind=_by_kind(moves),
        cost_per_minute_before=sum(one.before.cost_per_minute for one in by_id),
        cost_per_minute_after=sum(one.after.cost_per_minute for one in by_id),
    )


def changes(before: Standing, after: Standing) -> list[Change]:
    """What would change in why a lead stands where it stands; empty when only others pass it."""
    pairs = [
        (what, _part(before.explanation.get(what)), _part(after.explanation.get(what)))
        for what in FINDINGS
    ]
    return [Change(*pair) for pair in pairs if pair[1] != pair[2]]


def _by_kind(moves: Sequence[Move]) -> list[KindTotals]:
    groups: dict[tuple[Kind, Kind], list[Move]] = defaultdict(list)
    for move in moves:
        groups[move.shift.before.kind, move.shift.after.kind].append(move)
    return [_totals(*kinds, groups[kinds]) for kinds in sorted(groups)]


def _totals(before: Kind, after: Kind, moves: Sequence[Move]) -> KindTotals:
    return KindTotals(
        kind_before=before,
        kind_after=after,
        leads=len(moves),
        moved_up=sum(one.upwards > 0 for one in moves),
        moved_down=sum(one.upwards < 0 for one in moves),
        cost_per_minute_before=sum(one.shift.before.cost_per_minute for one in moves),
        cost_per_minute_after=sum(one.shift.after.cost_per_minute for one in moves),
    )


def _part(said: object) -> Mapping[str, Any]:
    return said if isinstance(said, Mapping) else {"value": said}
