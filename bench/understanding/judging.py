"""What the service understands of a case, held against its labels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from bench.understanding.corpus import Case
from service.leads.lead import Channel, RankingInput, Signal
from service.policies.reading import Shipped, read_policy, shipped_text
from service.ranking.rank import rank_understood
from service.ranking.score import find_urgency
from service.rules.need import Need, understand
from service.rules.policy import Policy

NOW = datetime.fromisoformat("2026-06-10T12:00:00+03:00")
HIGH, LOW, NONE = 0.7, 0.35, 0.65
LOST, KEPT = 0.3, 0.8


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a label was met, what was expected and what was understood."""

    case: Case
    label: str
    expected: object
    found: object
    right: bool


@cache
def policy_of(name: str) -> Policy:
    """A shipped policy."""
    return read_policy(shipped_text(Shipped(name)))


def need_of(messages: Sequence[str], policy: Policy) -> Need:
    """What a chat with these messages, one after the other, is understood as."""
    signal = Signal(
        queue="main", channel=Channel.WHATSAPP, received_at=NOW, text="\n".join(messages)
    )
    return understand(RankingInput(signal, NOW), policy)


def rank_of(text: str, policy: Policy) -> int:
    """The rank of a chat of one message."""
    return rank_understood(need_of([text], policy), policy, NOW).rank


def judge(case: Case) -> list[Verdict]:
    """A verdict for each label of a case."""
    policy = policy_of(case.policy)
    if case.after is not None:
        first, after = rank_of(case.messages[0], policy), rank_of(case.after, policy)
        order = "first" if first > after else "tie" if first == after else "after"
        return [Verdict(case, "order", "first", order, order == "first")]
    need = need_of(case.messages, policy)
    return [_verdict(case, label, need, policy) for label in case.labels]


def _verdict(case: Case, label: str, need: Need, policy: Policy) -> Verdict:
    expected, found = case.labels[label], FOUND[label](need, policy)
    return Verdict(case, label, expected, found, MET.get(label, _equal)(expected, found))


def _equal(expected: object, found: object) -> bool:
    return expected == found


def _goods(need: Need, _: Policy) -> list[str]:
    return [match.entry.signal for match in need.reading.matches if match.entry.bill is not None]


def _hurry(need: Need, policy: Policy) -> float:
    return find_urgency(need, policy, NOW).value


def _pieces(need: Need, _: Policy) -> int:
    billed = [match.quantity for match in need.reading.matches if match.entry.bill is not None]
    return max(billed, default=0)


def _is_settled(need: Need, policy: Policy) -> bool:
    votes = policy.lexicon.votes
    return votes is not None and votes.settles(need.reading.tokens)


FOUND: Mapping[str, Callable[[Need, Policy], Any]] = {
    "intent": lambda need, _: need.intent.value,
    "goods": _goods,
    "sum": lambda need, _: float(need.price or 0),
    "vin": lambda need, _: next(iter(need.recognised.vins), None),
    "frame": lambda need, _: next(iter(need.recognised.body_numbers), None),
    "hurry": _hurry,
    "chance": lambda need, _: need.reading.chance_factor.value,
    "skill": lambda need, _: next(iter(sorted(need.reading.skills)), None),
    "pieces": _pieces,
    "needed": lambda need, _: need.is_dated_by_text,
    "settled": _is_settled,
}


def _hurries(expected: object, found: float) -> bool:
    if expected == "high":
        return found >= HIGH
    return found <= (LOW if expected == "low" else NONE)


def _is_chance(expected: object, found: float) -> bool:
    if expected == "lost":
        return found <= LOST
    return found < 1 if expected == "low" else found >= KEPT


MET: Mapping[str, Callable[[Any, Any], bool]] = {
    "goods": lambda expected, found: sorted(expected) == sorted(found),
    "hurry": _hurries,
    "chance": _is_chance,
}
