"""Whether, when and why a client is called again after a claim has ended."""

from dataclasses import dataclass
from datetime import datetime

from service.leads.context import CustomerContext
from service.leads.lead import Lead, ParkedFor
from service.leads.settlement import Outcome, Settlement
from service.rules.policy import Policy

ARCHIVED = "АРХИВ"


@dataclass(frozen=True, slots=True)
class CallAgain:
    """When a parked lead comes back, and what for.

    `promised_for` is the time that fell into closed hours, None when it did not.
    """

    at: datetime
    parked_for: ParkedFor
    promised_for: datetime | None = None


def call_again_in_hours(at: datetime, parked_for: ParkedFor, policy: Policy) -> CallAgain:
    """A call at a time, or at the opening after it when the shop is closed then (A11)."""
    opening = None if policy.hours.is_open(at) else policy.hours.next_opening(at)
    return CallAgain(at, parked_for) if opening is None else CallAgain(opening, parked_for, at)


def find_call_again(
    settlement: Settlement, lead: Lead, policy: Policy, now: datetime
) -> CallAgain | None:
    """When the client is called again; None when they are not, and the lead is settled.

    No client is called in closed hours: what falls into them is due at the opening. A promised
    callback is half an hour off unless a time is given (A11), an unpaid order is asked
    for after days (A14), a wholesale client is checked on the next day (A21); who thinks about it
    is asked at the time given (A13). A client who does not answer is tried again by the policy's
    ladder, and given up after its last step (B6).
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
    """Whether a client who does not answer has been blocked for so many years (rule B5)."""
    if context is None or context.blocked_since is None:
        return False
    since, today = context.blocked_since, policy.hours.local_date(now)
    began = (today.month, today.day) < (since.month, since.day)
    return today.year - since.year - began >= policy.follow_ups.archive_after_years


def find_archive_call(context: CustomerContext, policy: Policy, now: datetime) -> CallAgain | None:
    """The call on the date that the head set, when the shop opens; None without a later date."""
    if context.call_on is None or context.call_on <= policy.hours.local_date(now):
        return None
    midnight = policy.hours.at_local(context.call_on, 0)
    return CallAgain(policy.hours.next_opening(midnight) or midnight, ParkedFor.ARCHIVE)
