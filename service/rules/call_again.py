"""Whether, when and why a client is called again after the end of a claim."""

from dataclasses import dataclass
from datetime import datetime

from service.leads.context import CustomerContext
from service.leads.lead import Lead, ParkedFor
from service.leads.settlement import Outcome, Settlement
from service.rules.policy import Policy

ARCHIVED = "АРХИВ"


@dataclass(frozen=True, slots=True)
class CallAgain:
    """When a parked lead comes back, and why.

    `promised_for` is the promised time when it fell into closed hours, else None.
    """

    at: datetime
    parked_for: ParkedFor
    promised_for: datetime | None = None


def call_again_in_hours(at: datetime, parked_for: ParkedFor, policy: Policy) -> CallAgain:
    """A call at a time, or at the next opening when the shop is closed then (A11)."""
    opening = None if policy.hours.is_open(at) else policy.hours.next_opening(at)
    return CallAgain(at, parked_for) if opening is None else CallAgain(opening, parked_for, at)


def find_call_again(
    settlement: Settlement, lead: Lead, policy: Policy, now: datetime
) -> CallAgain | None:
    """When and why the client is called again; None when no call follows.

    Nobody is called in closed hours; such a call is due at the next opening. A callback without a
    time is due after half an hour (A11). An unpaid order is asked about after some days (A14). A
    wholesale client is checked on the next day (A21). A client who thinks about it is asked at the
    given time (A13). A client who does not answer is tried again at the policy's intervals, and
    given up after the last one (B6). The policy sets all these times.
    """
    match settlement.outcome:
        case Outcome.CALLBACK:
            at, cause = settlement.until or now + policy.callback_after, ParkedFor.CALLBACK
        case Outcome.WILL_THINK:
            assert settlement.until is not None, "it was checked to have a time"
            at, cause = settlement.until, ParkedFor.LATER
        case Outcome.AWAITING_PAYMENT:
            terms = policy.follow_ups
            wait = terms.cashless_payment if settlement.cashless else terms.awaiting_payment
            at, cause = now + wait, ParkedFor.PAYMENT
        case Outcome.WHOLESALE:
            at, cause = now + policy.follow_ups.wholesale_check, ParkedFor.WHOLESALE_CHECK
        case Outcome.NO_ANSWER if lead.unanswered_calls < len(policy.no_answer_retries):
            at = now + policy.no_answer_retries[lead.unanswered_calls]
            cause = ParkedFor.NO_ANSWER
        case _:
            return None
    return call_again_in_hours(at, cause, policy)


def is_archived(context: CustomerContext | None, policy: Policy, now: datetime) -> bool:
    """Whether the client has been blocked for the policy's number of years (rule B5)."""
    if context is None or context.blocked_since is None:
        return False
    since, today = context.blocked_since, policy.hours.local_date(now)
    began = (today.month, today.day) < (since.month, since.day)
    return today.year - since.year - began >= policy.follow_ups.archive_after_years


def find_archive_call(context: CustomerContext, policy: Policy, now: datetime) -> CallAgain | None:
    """The call on the date that the head set, at the opening; None when no later date is set."""
    if context.call_on is None or context.call_on <= policy.hours.local_date(now):
        return None
    midnight = policy.hours.at_local(context.call_on, 0)
    return CallAgain(policy.hours.next_opening(midnight) or midnight, ParkedFor.ARCHIVE)
