"""Examples as tests of a policy: messages, and how the policy must read and order them.

The head of sales states the intent in examples. Whoever changes a word later sees which examples
fail.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from service.explaining.sentences import LanguageName, sentences
from service.leads.errors import FieldMistake
from service.leads.lead import Channel, Kind, RankingInput, Signal
from service.policies.document import PolicyDocument
from service.policies.text_document import ExamplePart, ExamplesPolicy
from service.ranking.rank import rank_understood
from service.ranking.score import find_urgency
from service.rules.need import Need, understand
from service.rules.policy import Mode, Policy

NOON = (2026, 6, 10, 12, 0)  # a Wednesday; days that an example names count from it
PARTS_OF_A_READING = slice(2, 5)  # of all sentences those on chance, budget and urgency
MAX_MISSES = 100
ENDS = {Decimal(0): ("c0", "lower"), Decimal(100): ("c1", "higher")}


@dataclass(frozen=True, slots=True)
class Miss:
    """An example that fails: its place, the result and the reasons.

    `why` are sentences in the reader's language.
    """

    field: str
    reason: str
    why: tuple[str, ...]


def run_examples(policy: Policy, spec: Mapping[str, Any], language: LanguageName) -> list[Miss]:
    """The examples of a checked policy that fail, the first 100."""
    document = PolicyDocument.model_validate(spec)
    found: list[Miss] = []
    for number, example in enumerate(document.examples):
        found.extend(_misses(f"examples.{number}", example, policy, language))
        if len(found) >= MAX_MISSES:
            break
    return found[:MAX_MISSES]


def tied_examples(policy: Policy, spec: Mapping[str, Any]) -> list[FieldMistake]:
    """The examples of a checked policy whose score is at an end of the scale, the first 100.

    They tie with all leads beyond that end, so money no longer orders them.
    """
    document = PolicyDocument.model_validate(spec)
    numbers = [policy] if policy.rush is None else [policy, policy.in_mode(Mode.RUSH)]
    found: dict[str, FieldMistake] = {}
    for number, example in enumerate(document.examples):
        texts = [text for text in (example.text, example.before, example.after) if text]
        for score in {_score(text, part) for text in texts for part in numbers} & ENDS.keys():
            end, direction = ENDS[score]
            reason = f"its score is {score:g}: it ties with all scores beyond"
            field = f"examples.{number}"
            found[field] = FieldMistake(field, reason, f"Set `score.{end}` {direction}.")
    return list(found.values())[:MAX_MISSES]


def _score(text: str, policy: Policy) -> Decimal:
    return rank_understood(_need(text, policy), policy, _now(policy)).score


def refuses(spec: Mapping[str, Any], default: ExamplesPolicy) -> bool:
    """Whether a policy with failing examples is refused; `default` if it does not say."""
    written = spec.get("examples_policy") or default
    return ExamplesPolicy(written) is ExamplesPolicy.REFUSE


def _misses(
    path: str, example: ExamplePart, policy: Policy, language: LanguageName
) -> Iterator[Miss]:
    if example.text is None:
        yield from _order(path, example, policy, language)
        return
    need = _need(example.text, policy)
    why = _why(need, policy, language)
    for part, reason in _readings(example, need, policy):
        yield Miss(f"{path}.{part}", reason, why)


def _order(
    path: str, example: ExamplePart, policy: Policy, language: LanguageName
) -> Iterator[Miss]:
    needs = [_need(text or "", policy) for text in (example.before, example.after)]
    before, after = (rank_understood(need, policy, _now(policy)) for need in needs)
    if before.rank > after.rank:
        return
    places = [f"stage {ranking.stage}, score {ranking.score}" for ranking in (before, after)]
    reason = f"`before` ({places[0]}) does not come before `after` ({places[1]})"
    why = (*_why(needs[0], policy, language), *_why(needs[1], policy, language))
    yield Miss(path, reason, why)


def _readings(example: ExamplePart, need: Need, policy: Policy) -> Iterator[tuple[str, str]]:
    """Each label that is not met, and the result instead."""
    if example.intent is not None and example.intent is not need.intent:
        yield "intent", f"it is read as {need.intent}, not {example.intent}"
    goods = sorted(match.entry.signal for match in need.reading.matches if match.entry.bill)
    if example.goods is not None and sorted(example.goods) != goods:
        yield "goods", f"it is read as {_listing(goods)}, not {_listing(example.goods)}"
    price = float(need.price or 0)
    if example.sum is not None and example.sum != price:
        yield "sum", f"the sum is read as {price:g}, not {example.sum:g}"
    urgency = round(find_urgency(need, policy, _now(policy)).value, 3)
    if example.urgency is not None and not example.urgency[0] <= urgency <= example.urgency[1]:
        low, high = example.urgency
        yield "urgency", f"the urgency is {urgency:g}, not {low:g} to {high:g}"


def _listing(signals: Sequence[str]) -> str:
    return ", ".join(sorted(signals)) or "nothing"


def _need(text: str, policy: Policy) -> Need:
    """The need of a chat with this message."""
    now = _now(policy)
    signal = Signal("examples", Channel.SITE_CHAT, now, kind=Kind.CHAT, text=text)
    return understand(RankingInput(signal, now), policy)


def _now(policy: Policy) -> datetime:
    year, month, day, hour, minute = NOON
    return datetime(year, month, day, hour, minute, tzinfo=policy.hours.timetable.zone)


def _why(need: Need, policy: Policy, language: LanguageName) -> tuple[str, ...]:
    explanation = rank_understood(need, policy, _now(policy)).explanation
    every = sentences(explanation, (), None, language)
    on_the_intent = every[:1] if need.reading.vote is not None else []
    return (*on_the_intent, *every[PARTS_OF_A_READING])
