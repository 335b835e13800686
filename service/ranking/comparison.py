"""Compares a line with the line under another policy: which leads move, and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.leads.lead import Kind, Ranking
from service.ranking.likely_loss import LeadWorth, likely_loss

MAX_MOVES = 50
MAX_FIRST = 10
FINDINGS = ("kind", "intent", "chance", "budget", "urgency", "stage", "ties", "formula", "index")


@dataclass(frozen=True, slots=True)
class Spot:
    """The part of a ranking that a comparison needs; 100 000 of them are in memory at once."""

    kind: Kind
    rank: int
    cost_per_minute: float


@dataclass(frozen=True, slots=True)
class RankChange:
    """A lead with its place now, its place under the candidate policy, and its worth there."""

    lead_id: UUID
    before: Spot
    after: Spot
    prospect: LeadWorth


@dataclass(frozen=True, slots=True)
class Move:
    """A changed rank with the places in line before and after; the first place is 1."""

    shift: RankChange
    place_before: int
    place_after: int

    @property
    def upwards(self) -> int:
        """By how many places the lead comes nearer to the front."""
        return self.place_before - self.place_after


@dataclass(frozen=True, slots=True)
class KindTotals:
    """The leads that change from one kind to another (or stay); costs in money per minute."""

    kind_before: Kind
    kind_after: Kind
    leads: int
    moved_up: int
    moved_down: int
    cost_per_minute_before: float
    cost_per_minute_after: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The line now and under the candidate; costs of waiting in money per minute.

    `likely_lost` is the money that clients who leave take away while the line is served in each
    order.
    """

    leads: int
    moved: int
    first_before: Sequence[UUID]
    first_after: Sequence[UUID]
    greatest: Sequence[Move]
    by_kind: Sequence[KindTotals]
    cost_per_minute_before: float
    cost_per_minute_after: float
    likely_lost_before: float
    likely_lost_after: float


@dataclass(frozen=True, slots=True)
class RankedChange:
    """A part of the explanation that would change; JSON values."""

    what: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def compare(shifts: Sequence[RankChange], operators: float = 1.0) -> Comparison:
    """The line in its current order and in the order of the candidate.

    `operators` is how many serve it. Both orders are judged by the candidate's numbers, so only the
    order makes the difference.
    """
    by_id = sorted(shifts, key=lambda item: item.lead_id.int)  # equal ranks stay in this order
    before = sorted(by_id, key=lambda item: -item.before.rank)
    after = sorted(by_id, key=lambda item: -item.after.rank)
    places = {item.lead_id.int: place for place, item in enumerate(after, 1)}
    moves = [Move(item, place, places[item.lead_id.int]) for place, item in enumerate(before, 1)]
    moved = [move for move in moves if move.upwards]
    moved.sort(key=lambda item: (-abs(item.upwards), item.place_after))
    return Comparison(
        leads=len(moves),
        moved=len(moved),
        first_before=[item.lead_id for item in before[:MAX_FIRST]],
        first_after=[item.lead_id for item in after[:MAX_FIRST]],
        greatest=moved[:MAX_MOVES],
        by_kind=_by_kind(moves),
        cost_per_minute_before=sum(item.before.cost_per_minute for item in by_id),
        cost_per_minute_after=sum(item.after.cost_per_minute for item in by_id),
        likely_lost_before=likely_loss((item.prospect for item in before), operators),
        likely_lost_after=likely_loss((item.prospect for item in after), operators),
    )


def changes(before: Ranking, after: Ranking) -> list[RankedChange]:
    """The changed reasons of a lead's place; empty when only other leads pass it."""
    pairs = [
        (what, _part(before.explanation.get(what)), _part(after.explanation.get(what)))
        for what in FINDINGS
    ]
    return [RankedChange(*pair) for pair in pairs if pair[1] != pair[2]]


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
        moved_up=sum(move.upwards > 0 for move in moves),
        moved_down=sum(move.upwards < 0 for move in moves),
        cost_per_minute_before=sum(move.shift.before.cost_per_minute for move in moves),
        cost_per_minute_after=sum(move.shift.after.cost_per_minute for move in moves),
    )


def _part(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {"value": given}
