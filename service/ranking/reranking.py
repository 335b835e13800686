"""Ranks an existing lead again: after some time, or under another policy."""

from collections.abc import Mapping
from datetime import datetime

from service.leads.lead import Lead, Ranking, RankingInput, State, Step
from service.leads.unchanging import replace
from service.ranking.rank import NOTHING_OBSERVED, Observed, rank_lead
from service.ranking.timeline import MAX_STEPS
from service.rules.policy import Policy


def rerank_lead(
    lead: Lead, situation: RankingInput, policy: Policy, now: datetime, observed: Observed
) -> Ranking:
    """The place of a lead at `now`; for a parked lead the place when it is due."""
    if lead.state is State.PARKED:
        assert lead.parked_until is not None, "a parked lead is parked until a time"
        return rank_parked(situation, policy, lead.parked_until, observed, lead.ranking.reading)
    return rank_lead(situation, policy, now, observed, lead.ranking.reading)


def rank_parked(
    situation: RankingInput,
    policy: Policy,
    until: datetime,
    observed: Observed,
    reading: str | None = None,
) -> Ranking:
    """The future place of a client who is to be called; the return is the first step."""
    promised = replace(situation, callback_due=True, promised_at=until)
    ranking = rank_lead(promised, policy, until, observed, reading)
    stage = ranking.explanation["stage"]
    assert isinstance(stage, Mapping), "an explanation names the stage's source"
    due = Step(
        at=until,
        stage=ranking.stage,
        score=ranking.score,
        rank=ranking.rank,
        lane=ranking.lane,
        source=str(stage["source"]),
        rule=str(stage["rule"]),
        protected=ranking.protected,
        behind=ranking.behind,
    )
    return replace(ranking, timeline=(due, *ranking.timeline)[:MAX_STEPS])


def observed_before(lead: Lead) -> Observed:
    """The outcomes that the lead was ranked by, so that time alone brings no newer ones."""
    ranking = lead.ranking
    if ranking.observed is None:
        return NOTHING_OBSERVED
    return {(ranking.kind, ranking.intent): ranking.observed}
