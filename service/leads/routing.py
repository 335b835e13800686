"""Whom a lead is led to, and who has a part in it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Routing:
    """Whose a lead is and which skills it demands, each with the ids of the rules that say so.

    `credited_to` is the operator whose order or task the client has: he is credited, whoever
    serves (B2, B14). `assigned_to` and `pinned_at` are a supervisor's word, `declined_by` are
    those who are not asked again: no rule changes these three.
    """

    owner: str | None = None
    owner_rule: str = ""
    skills: frozenset[str] = frozenset()
    skills_rule: str = ""
    credited_to: str | None = None
    assigned_to: str | None = None
    declined_by: frozenset[str] = frozenset()
    pinned_at: datetime | None = None


UNROUTED = Routing()
