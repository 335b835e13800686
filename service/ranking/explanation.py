"""The reasons of a lead's place, number by number, so that anyone can compute it again."""

from collections.abc import Mapping

from service.ranking.score import ConvertedMoney, Finding, Score
from service.rules.lanes import promised_by
from service.rules.need import Need
from service.rules.policy import Policy
from service.rules.returns import is_first_of_stage
from service.text.entries import SILENT


def explain(
    need: Need, found: Score, stage: Finding, rank: int, lane: str, policy: Policy
) -> Mapping[str, object]:
    """The parts of a ranking with their sources and rules; a JSON value."""
    return {
        "kind": need.kind.value,
        "intent": need.intent.value,
        "chance": _finding(found.chance),
        "budget": {
            **_finding(found.budget),
            "value": f"{found.budget.value:.2f}",
            **_conversion(found.budget.conversion),
        },
        "urgency": _finding(found.urgency),
        "patience_minutes": found.terms.patience_minutes,
        "cost_per_minute": found.cost_per_minute,
        "index": {
            "value": found.index,
            "work_minutes": found.terms.work_minutes,
            "weight_of_patience": found.terms.weight,
            "share_still_there": found.terms.share,
        },
        "mode": policy.mode.value,
        "score": float(found.score),
        "stage": {**_finding(stage), "value": int(stage.value)},
        "first_of_stage": is_first_of_stage(need.situation, policy),
        "ties": {"value": policy.kinds[need.kind].ties.value, "rule": "A6"},
        "rank": rank,
        "lane": lane,
        "routing": _routing(need),
        "text": _text(need),
        "currency": policy.currency,
        "policy_version": policy.version,
        "formula": {
            "c0": policy.smallest_cost,
            "c1": policy.greatest_cost,
            "longest_patience_minutes": policy.longest_patience_minutes,
        },
    }


def _finding(found: Finding) -> dict[str, object]:
    return {"value": found.value, "source": found.source, "rule": found.rule}


def _conversion(found: ConvertedMoney | None) -> dict[str, object]:
    if found is None:
        return {}
    rates = {
        name: {"rate": rate.rate, "on": rate.on.isoformat()} for name, rate in found.rates.items()
    }
    amounts = {name: f"{amount:.2f}" for name, amount in found.amounts.items()}
    on = min((rate.on for rate in found.rates.values()), default=None)
    day = None if on is None else on.isoformat()
    return {"conversion": {"of": found.of, "amounts": amounts, "rates": rates, "on": day}}


def _text(need: Need) -> dict[str, object] | None:
    """What was read from the text and the names of articles; None when there is neither."""
    reading, found = need.reading, need.recognised
    if not need.signal.text and reading is SILENT:
        return None
    return {
        "signals": [
            {"signal": match.entry.signal, "quantity": match.quantity, "rule": match.entry.rule}
            for match in reading.matches
        ],
        "names": {entry.signal: dict(entry.names) for entry in reading.entries if entry.names},
        "corrections": [
            {"written": written, "read_as": meant} for written, meant in reading.corrections
        ],
        "decided_by_message": _messages(need),
        "vote": _vote(need),
        "notes": [match.entry.note for match in reading.matches if match.entry.note],
        "skills": sorted(reading.skills),
        "price": None if need.price is None else f"{need.price:.2f}",
        "price_is_guess": need.price_is_guess,
        "needed_by": _named_day(need),
        "phones": list(found.phones),
        "vins": list(found.vins),
        "body_numbers": list(found.body_numbers),
    }


def _messages(need: Need) -> dict[str, int]:
    """The message that decided urgency and intent, when there are several messages."""
    if "\n" not in (need.signal.text or ""):
        return {}
    parts = {"urgency": need.reading.urgency, "intent": need.reading.intent}
    return {
        name: part.line
        for name, part in parts.items()
        if part is not None and part.line is not None
    }


def _vote(need: Need) -> dict[str, object] | None:
    """The intent that the words voted for; None when the intent was stated or a signal gave it."""
    vote = need.reading.vote
    if vote is None or vote.intent is not need.intent or need.signal.intent is not None:
        return None
    return {"intent": vote.intent.value, "certainty": vote.certainty}


def _named_day(need: Need) -> str | None:
    needed_by = need.signal.needed_by if need.is_dated_by_text else None
    return None if needed_by is None else needed_by.isoformat()


def _routing(need: Need) -> dict[str, object]:
    routing = need.situation.routing
    return {
        "owner": routing.owner,
        "owner_rule": routing.owner_rule or None,
        "skills": sorted(routing.all_skills | need.reading.skills),
        "skills_rule": routing.skills_rule or None,
        "credited_to": routing.credited_to,
        "assigned_to": routing.assigned_to,
        "declined_by": sorted(routing.declined_by),
        "pinned": routing.pinned_at is not None,
        "promised_by": promised_by(need.situation),
    }
