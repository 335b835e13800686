"""When a lead becomes late; it stays late until it is settled (B10, B11).

The moment does not move while the lead waits: it depends on when the client began to wait, not on
the current time.
"""

from datetime import datetime

from service.leads.lead import Intent
from service.ranking.timeline import next_cutoff
from service.rules.need import Need
from service.rules.policy import Policy, Trigger
from service.rules.returns import PROMISED


def late_at(need: Need, policy: Policy) -> datetime | None:
    """When a lead that nobody took becomes late; None for never.

    A promised call is late some business minutes after the promise (A11). When there is no client,
    a lead never is. Any other lead is late after the minutes of its kind. A kind with an escalation
    before the cut-off is late at the cut-off if that is sooner, or if it has no minutes (A15).
    """
    situation, kind = need.situation, policy.kinds[need.kind]
    promised_at = situation.promised_at
    if situation.returned_for in PROMISED and promised_at is not None:
        return _after(promised_at, policy.callback_late_minutes, policy)
    if need.intent is Intent.OTHER:
        return None
    begins = situation.waits_since
    limits = [_after(begins, kind.late_minutes, policy)]
    if any(escalation.trigger is Trigger.BEFORE_CUTOFF for escalation in kind.escalations):
        limits.append(next_cutoff(policy, begins))
    return min((limit for limit in limits if limit is not None), default=None)


def _after(begins: datetime, minutes: float | None, policy: Policy) -> datetime | None:
    return None if minutes is None else policy.hours.add(begins, minutes)
