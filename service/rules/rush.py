"""When a rush begins and ends: more work waits than the operators can soon do (rule A4)."""

from dataclasses import dataclass
from datetime import datetime

from service.rules.policy import Mode, RushRules


@dataclass(frozen=True, slots=True)
class RushState:
    """Which set of numbers applies, and since when the waiting work exceeds the bound."""

    mode: Mode = Mode.CALM
    exceeded_since: datetime | None = None


CALM = RushState()


def next_state(
    state: RushState, work_per_operator: float | None, now: datetime, rules: RushRules
) -> RushState:
    """The next state, from the minutes of waiting work for each operator on shift.

    `work_per_operator` is None while nobody is on shift: a rush neither begins nor ends then.
    """
    if work_per_operator is None:
        return RushState(state.mode)
    if state.mode is Mode.RUSH:
        return CALM if work_per_operator < rules.ends else state
    if work_per_operator <= rules.begins:
        return CALM
    since = state.exceeded_since or now
    return RushState(Mode.RUSH) if now - since >= rules.after else RushState(Mode.CALM, since)
