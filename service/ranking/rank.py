"""The whole order in one number: stage, score and tie-break, exact in a double.

rank = (stage · 10001 + round(100 · score)) · 2²⁹ + tie,   below 2⁵³
tie  = seconds since 2026-01-01 UTC where the newest go first, else 2²⁹−1 minus that
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from service.leads.lead import EVERYBODY, Kind, Signal, Standing
from service.ranking.explanation import explain
from service.ranking.policy import Policy, Ties
from service.ranking.score import Finding, score

TIES = 2**29
SCORES = 10_001
FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
GREATEST_STAGE = 900


def stand(signal: Signal, policy: Policy, now: datetime, *, callback_due: bool = False) -> Standing:
    """Where a lead stands at `now`; `callback_due` when a promised callback's time has come."""
    kind = signal.kind or policy.channels[signal.channel]
    found = score(signal, kind, policy, now)
    stage = find_stage(signal, kind, policy, callback_due=callback_due)
    ties = policy.kinds[kind].ties
    rank = pack(int(stage.value), found.score, signal.received_at, ties)
    return Standing(
        kind=kind,
        stage=int(stage.value),
        score=found.score,
        cost_per_minute=found.cost_per_minute,
        rank=rank,
        lane=EVERYBODY,
        policy_version=policy.version,
        explanation=explain(found, stage, ties, rank, EVERYBODY, policy),
    )


def find_stage(signal: Signal, kind: Kind, policy: Policy, *, callback_due: bool) -> Finding:
    """The kind's stage (rule A2); the callback's for who is gone again or was promised one."""
    if callback_due:
        return Finding(policy.callback_stage, "promised callback is due", "A11")
    if kind in (Kind.PHONE, Kind.OFFICE) and not signal.live:
        source = "missed call" if kind is Kind.PHONE else "visitor left"
        return Finding(policy.callback_stage, source, "A8")
    return Finding(policy.kinds[kind].stage, f"kind {kind}", "A2")


def pack(stage: int, points: Decimal, received_at: datetime, ties: Ties) -> int:
    """Stage 0…900, score 0.00…100.00 and age as one rank; a higher rank goes first."""
    age = min(TIES - 1, max(0, (received_at - FIRST_MOMENT) // timedelta(seconds=1)))
    tie = age if ties is Ties.NEWEST else TIES - 1 - age
    return (stage * SCORES + int(points * 100)) * TIES + tie
