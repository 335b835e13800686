"""Where a lead that is known already stands: after time went by, or under another policy."""

from dataclasses import replace
from datetime import datetime

from service.leads.lead import Lead, Situation, Standing, State, Step
from service.ranking.rank import NOTHING_OBSERVED, Observed, stand
from service.ranking.timeline import MOST_STEPS
from service.rules.policy import Policy


def stand_again(
    lead: Lead, situation: Situation, policy: Policy, now: datetime, observed: Observed
) -> Standing:
    """Where a lead stands at `now`; a parked one, where it will stand when it is due."""
    if lead.state is State.PARKED:
        assert lead.parked_until is not None, "a parked lead is parked until a time"
        return stand_parked(situation, policy, lead.parked_until, observed)
    return stand(situation, policy, now, observed)


def stand_parked(
    situation: Situation, policy: Policy, until: datetime, observed: Observed
) -> Standing:
    """Where a client who is to be called again will stand; that he comes is the first step."""
    promised = replace(situation, callback_due=True, promised_at=until)
    standing = stand(promised, policy, until, observed)
    due = Step(
        at=until,
        stage=standing.stage,
        score=standing.score,
        rank=standing.rank,
        lane=standing.lane,
        source="promised callback is due",
        rule="A11",
    )
    return replace(standing, timeline=(due, *standing.timeline)[:MOST_STEPS])


def observed_before(lead: Lead) -> Observed:
    """The outcomes that a lead was ranked by, so that time alone does not bring newer ones."""
    standing = lead.standing
    if standing.observed is None:
        return NOTHING_OBSERVED
    return {(standing.kind, standing.intent): standing.observed}
