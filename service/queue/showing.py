"""A lead as the line's script `show` takes it: place, holder, mark and the next steps."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from service.leads.lead import Claim, Lead, State, Step
from service.leads.line_entry import LineEntry, StandsAt

# Postgres follows each step within a second, and the row then brings the next ones.
STEPS_AHEAD = 2

Shown = tuple[str | int, ...]


def milliseconds(moment: datetime) -> int:
    """Unix milliseconds, the only form of time in Redis."""
    return round(moment.timestamp() * 1000)


def shown(lead: Lead, now: datetime, *, again: bool = False) -> Shown:
    """The arguments for a lead, whatever its state."""
    claim, timeline, ranking = lead.claim, _timeline(lead), lead.ranking
    due = [step for step in timeline if step.at <= now]
    ahead = timeline[len(due) : len(due) + STEPS_AHEAD]
    here: StandsAt = due[-1] if due else ranking
    is_in_lane = bool(due) or lead.state in (State.WAITING, State.CLAIMED)
    lane, place = _lane_and_place(here if is_in_lane else None)
    late_at = _late_at(ranking.late_at) if ranking.guaranteed else None
    return (
        str(lead.id),
        lead.version,
        lane,
        place,
        _claim(claim) if claim else "",
        milliseconds(claim.lease_until) if claim else "",
        milliseconds(now),
        "again" if again else "",
        _joined(_given(milliseconds(step.at), step) for step in ahead),
        _mark(late_at, here),
    )


def shown_entry(entry: LineEntry, now: int) -> Shown:
    """The arguments for an open lead of which only this was read; `now` in unix milliseconds."""
    due = [step for step in entry.steps if step.at <= now]
    ahead = entry.steps[len(due) : len(due) + STEPS_AHEAD]
    here, holder = due[-1] if due else entry.place, entry.holder
    lane, place = _lane_and_place(here if due or entry.is_in_lane else None)
    late_at = _late_at(entry.late_at) if entry.guaranteed else None
    return (
        entry.lead_id,
        entry.version,
        lane,
        place,
        _holder(holder.operator, holder.token, paused=holder.paused) if holder else "",
        milliseconds(holder.lease_until) if holder else "",
        now,
        "",
        _joined(_given(step.at, step) for step in ahead),
        _mark(late_at, here),
    )


def gone(lead_id: UUID, version: int, now: datetime) -> Shown:
    """The arguments for a lead that stands nowhere in this line from a version on."""
    return (str(lead_id), version, "", "", "", "", milliseconds(now), "", "", "")


def _timeline(lead: Lead) -> Sequence[Step]:
    left = lead.state in (State.SETTLED, State.JOINED)
    return () if left else lead.ranking.timeline


def _lane_and_place(here: StandsAt | None) -> tuple[str, int | str]:
    """The lane, and the place in it; both are empty for a lead that is in no lane."""
    return ("", "") if here is None else (here.lane, -here.rank)


def _late_at(moment: datetime | None) -> str:
    return "" if moment is None else str(milliseconds(moment))


def _mark(late_at: str | None, here: StandsAt) -> str:
    """Since when the lead is late, and its flags (late.lua); empty without a guarantee."""
    return "" if late_at is None else late_at + _flags(here)


def _joined(steps: Iterable[str]) -> str:
    return ";".join(steps)


def _given(at: int, step: StandsAt) -> str:
    flags = _flags(step)
    return f"{at} {step.lane} {-step.rank}" + (f" {flags}" if flags else "")


def _flags(place: StandsAt) -> str:
    return ("p" if place.protected else "") + ("b" if place.behind else "")


def _claim(claim: Claim) -> str:
    return _holder(claim.operator, claim.token, paused=claim.paused_since is not None)


def _holder(operator: str, token: str, *, paused: bool) -> str:
    return f"{operator} paused {token}" if paused else f"{operator} {token}"
