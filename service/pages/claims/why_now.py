"""Why a lead is the next one, in one sentence and with three figures as bars."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from service.leads.lead import Intent, Lead
from service.pages.formats import Formats

MAX_REASONS, MAX_SIGNALS = 4, 3
SUMS, MINUTES = (100.0, 1_000_000.0), (1.0, 7 * 24 * 60.0)
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure, its source, and how much of the bar it fills (0…100)."""

    about: str
    shown: str
    filled: float
    source: str


def why_now(lead: Lead, operator: str, signals: list[str], say: Say, formats: Formats) -> str:
    """The strongest reasons first; `signals` are what was read in the text."""
    reasons = [*_place(lead, say, formats), *_person(lead, operator, say)]
    if signals:
        reasons.append(say("they write “{words}”", words=", ".join(signals[:MAX_SIGNALS])))
    if not reasons:
        waits = formats.since(lead.signal.received_at)
        reasons = [say("it is first in your line and has waited {time}", time=waits)]
    sentence = ", ".join(dict.fromkeys(reasons[:MAX_REASONS]))
    return f"{sentence[0].upper()}{sentence[1:]}."


def _place(lead: Lead, say: Say, formats: Formats) -> Iterator[str]:
    explanation = lead.ranking.explanation
    routing: Any = explanation.get("routing") or {}
    stage: Any = explanation.get("stage") or {}
    source = str(stage.get("source", ""))
    if routing.get("pinned"):
        yield say("the supervisor pinned it to the top")
    if lead.signal.live and lead.ranking.kind == "office":
        yield say("the client is in the office now")
    elif lead.signal.live and lead.ranking.kind == "phone":
        yield say("the client is on the line now")
    if "missed call" in source:
        yield say("nobody took the call")
    if "visitor left" in source:
        yield say("the visitor left without an answer")
    if "callback is due" in source:
        yield say("they were promised a call by now")
    if "before_cutoff" in source:
        yield say("the supplier's cut-off is near")
    if "before_closing" in source:
        yield say("the shop closes soon")
    if source.startswith("after "):
        yield say("it has waited long: {time}", time=formats.since(lead.signal.received_at))
    if lead.signal.needed_by is not None:
        yield say("they need it by {time}", time=formats.moment(lead.signal.needed_by))


def _person(lead: Lead, operator: str, say: Say) -> Iterator[str]:
    explanation = lead.ranking.explanation
    routing: Any = explanation.get("routing") or {}
    own = routing.get("owner") == operator
    rule = str(routing.get("owner_rule") or "")
    if routing.get("assigned_to") == operator:
        yield say("it was assigned to you")
    elif own and rule.startswith("B2"):
        yield say("you work on their order")
    elif own and rule.startswith("A9"):
        yield say("you talked with them lately")
    elif own and rule.startswith("B14"):
        yield say("it is your call task")
    elif own:
        yield say("it is yours")
    if lead.ranking.intent is Intent.COMPLAINT:
        yield say("they complain")
    if lead.signal.paid:
        yield say("the order is paid")


def bars(lead: Lead, say: Say, formats: Formats) -> list[Bar]:
    """The chance of an order, the likely sum, and how long such a client waits."""
    explanation: Any = lead.ranking.explanation
    if "chance" not in explanation:
        return []
    chance, budget = explanation["chance"], explanation["budget"]
    minutes, bill = float(explanation["patience_minutes"]), float(budget["value"])
    wait = formats.duration(minutes * 60)
    return [
        Bar(
            say("Chance"),
            formats.percent(chance["value"]),
            100 * float(chance["value"]),
            say(_source_of_chance(str(chance["source"]))),
        ),
        Bar(
            say("Likely sum"),
            formats.money(round(bill)),
            _log(bill, *SUMS),
            say(_source_of_sum(str(budget["source"]))),
        ),
        Bar(say("Will wait"), wait, _log(minutes, *MINUTES), ""),
    ]


def _log(value: float, low: float, high: float) -> float:
    bounded = min(max(value, low), high)
    return 100 * math.log(bounded / low) / math.log(high / low)


def _source_of_chance(source: str) -> str:
    if "text" in source or "VIN" in source:
        return "from their message"
    return "from past outcomes" if "won so far" in source else "usual for this kind"


def _source_of_sum(source: str) -> str:
    if source.startswith("stated"):
        return "named by the client"
    if source.startswith("items"):
        return "sum of the goods"
    return "usual for this kind" if source.startswith("usual") else "from their message"
