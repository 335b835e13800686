"""Why a lead comes back after parking, and its place then (A7, A11, A14, A21, B6)."""

from dataclasses import dataclass
from datetime import timedelta

from service.leads.lead import ParkedFor, RankingInput
from service.rules.policy import Policy, Returning

JUST_BEFORE = timedelta(seconds=1)
PROMISED = (ParkedFor.CALLBACK, ParkedFor.VISIT_OVER)
"""What was promised to the client."""
THEIRS_FIRST = (*PROMISED, ParkedFor.LATER)
"""What whoever put it aside is served before others (A11, A31)."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The policy's name of a cause, the words that explain it, and the rule."""

    returning: Returning
    source: str
    rule: str


CAUSES = {
    ParkedFor.CALLBACK: Cause(Returning.PROMISED_CALLBACK, "promised callback is due", "A11"),
    ParkedFor.VISIT_OVER: Cause(Returning.VISIT_OVER, "visitor is done", "A7"),
    ParkedFor.NO_ANSWER: Cause(Returning.NO_ANSWER, "another try after no answer", "B6"),
    ParkedFor.PAYMENT: Cause(Returning.PAYMENT, "payment is asked for", "A14"),
    ParkedFor.WHOLESALE_CHECK: Cause(
        Returning.WHOLESALE_CHECK, "wholesale client is checked", "A21"
    ),
    ParkedFor.LATER: Cause(Returning.LATER, "put aside until now", "A13"),
    ParkedFor.ARCHIVE: Cause(Returning.LATER, "day that the head set", "B5"),
}


def has_stage_of_return(situation: RankingInput, policy: Policy) -> bool:
    """Whether the policy gives the cause of return a stage; then no escalation lifts the lead."""
    cause = situation.returned_for
    return cause is not None and policy.returns[CAUSES[cause].returning] is not None


def is_first_of_stage(situation: RankingInput, policy: Policy) -> bool:
    """Whether a promise fell into closed hours and is therefore due at the opening (A11)."""
    due = situation.promised_at
    if situation.returned_for is not ParkedFor.CALLBACK or due is None:
        return False
    return policy.hours.is_open(due) and not policy.hours.is_open(due - JUST_BEFORE)
