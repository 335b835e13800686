"""Whom a lead is led to, and who has a part in it."""

from dataclasses import dataclass, replace
from datetime import datetime

from service.leads.errors import MoveNotAllowed

MAX_DECLINERS = 20


@dataclass(frozen=True, slots=True)
class Routing:
    """Whose a lead is and which skills it demands, each with the ids of the rules that say so.

    `credited_to` is the operator whose order or task the client has: he is credited, whoever
    serves (B2, B14). `assigned_to` and `pinned_at` are a supervisor's word, `declined_by` are
    those who are not asked again, `asked_skills` those that somebody handed it to (B10): no rule
    changes these four.
    """

    owner: str | None = None
    owner_rule: str = ""
    skills: frozenset[str] = frozenset()
    skills_rule: str = ""
    credited_to: str | None = None
    assigned_to: str | None = None
    declined_by: frozenset[str] = frozenset()
    pinned_at: datetime | None = None
    asked_skills: frozenset[str] = frozenset()

    @property
    def all_skills(self) -> frozenset[str]:
        """What rules and operators demand."""
        return self.skills | self.asked_skills

    def declined(self, operator: str) -> "Routing":
        """Not offered to him again, and no longer his; raises MoveNotAllowed for the 21st."""
        decliners = self.declined_by | {operator}
        if len(decliners) > MAX_DECLINERS:
            raise MoveNotAllowed(f"{MAX_DECLINERS} operators declined the lead; transfer it.")
        assigned_to = None if self.assigned_to == operator else self.assigned_to
        return replace(self, declined_by=decliners, assigned_to=assigned_to)

    def handed_to_operator(self, operator: str) -> "Routing":
        """His without an end, even if he declined it before."""
        return replace(self, assigned_to=operator, declined_by=self.declined_by - {operator})

    def handed_to_skill(self, skill: str, giver: str) -> "Routing":
        """For whoever has the skill as well; not of who gives it away any longer."""
        stored = self if self.owner != giver else replace(self, owner=None, owner_rule="")
        return replace(stored, assigned_to=None, asked_skills=self.asked_skills | {skill})


UNROUTED = Routing()
