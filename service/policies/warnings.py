"""Warnings about allowed values of a policy that are probably not meant."""

from collections.abc import Iterator

from service.leads.errors import FieldMistake
from service.leads.lead import Kind
from service.ranking.index import IndexTerms
from service.ranking.score import scale
from service.rules.policy import Mode, Policy, Trigger

NOTHING, EVERYTHING = 0, 100


def warnings_of(policy: Policy) -> list[FieldMistake]:
    """Warnings of kinds that are never late in spite of a guarantee, and of scores that tie."""
    numbers = [policy] if policy.rush is None else [policy, policy.in_mode(Mode.RUSH)]
    clamped = [warning for part in numbers for warning in _clamped(part)]
    return [*_never_late(policy), *dict.fromkeys(clamped)]


def _never_late(policy: Policy) -> Iterator[FieldMistake]:
    if policy.guarantee_every is None:
        return
    for kind, numbers in policy.kinds.items():
        triggers = {escalation.trigger for escalation in numbers.escalations}
        if numbers.late_minutes is None and Trigger.BEFORE_CUTOFF not in triggers:
            reason = "it is never late, so the guarantee never serves it"
            yield FieldMistake(
                f"kinds.{kind}.late_minutes", reason, "Set `late_minutes` in business minutes."
            )


def _clamped(policy: Policy) -> Iterator[FieldMistake]:
    """A usual bill whose score is at an end of the scale: it ties with all beyond that end."""
    for kind in Kind:
        score = scale(_usual_index(policy, kind), policy)
        if score in (NOTHING, EVERYTHING) and policy.kinds[kind].usual_bill:
            end = "c0" if score == NOTHING else "c1"
            reason = f"the usual bill of {kind} scores {score}: it ties with all scores beyond"
            remedy = f"Set `score.{end}` {'lower' if end == 'c0' else 'higher'}."
            yield FieldMistake(f"score.{end}", reason, remedy)


def _usual_index(policy: Policy, kind: Kind) -> float:
    numbers, index = policy.kinds[kind], policy.index
    work = index.minutes.get(kind)
    patience = index.patience.get(kind)
    if patience is None:
        patience = policy.longest_patience_minutes ** (1 - numbers.urgency)
    terms = IndexTerms(patience, 1.0 if work is None else work.each, index.weight, 1.0)
    return terms.of(numbers.chance, numbers.usual_bill)
