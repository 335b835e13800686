"""An explanation to say in words, and a look at how it is said in both languages."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from builders import NOON
from ranking_builders import DEFAULT, MOSCOW, a_situation
from ranks import pack

from service.explaining.sentences import sentences
from service.leads.lead import EVERYBODY, Step
from service.ranking.rank import rank_lead
from service.rules.policy import Ties

CHAT = rank_lead(a_situation(budget=Decimal(5000), urgency=0.9), DEFAULT, NOON).explanation
RANK = pack(600, Decimal("65.86"), NOON, Ties.NEWEST)


def reported(**parts: Any) -> dict[str, Any]:
    """The explanation of a chat with other values, sources and rules."""
    changed = {
        name: {**CHAT[name], **part} if isinstance(part, dict) else part
        for name, part in parts.items()
    }
    return {**CHAT, **changed}


def a_step(minutes: float, stage: int, score: str, source: str, rule: str) -> Step:
    at = (NOON + timedelta(minutes=minutes)).astimezone(MOSCOW)
    return Step(at, stage, Decimal(score), 0, EVERYBODY, source, rule)


def spoken(text: str) -> str:
    """A Russian sentence as it is typed: with plain spaces."""
    return text.replace("\u00a0", " ")


def check_said(english: str, russian: str, *what: Any) -> None:
    """Both sentences are said, at the same place."""
    in_english, in_russian = (
        sentences(*what, "en"),
        [spoken(sentence) for sentence in sentences(*what, "ru")],
    )
    assert english in in_english
    assert russian in in_russian
    assert in_english.index(english) == in_russian.index(russian)
