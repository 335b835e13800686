"""Whom a lead is led to, and who has a part in it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from service.leads.errors import MoveNotAllowed

MAX_DECLINERS = 20


@dataclass(frozen=True, slots=True)
class Routing:
    """Whose a lead is and which skills it demands, each with the ids of the rules that say so.

    `credited_to` is the operator whose order or task the client has: they are credited, whoever
    serves (B2, B14). `assigned_to` and `pinned_at` are a supervisor's word, `declined_by` are
    those who are not asked again, who declined longest ago first, `asked_skills` those that
    somebody handed it to (B10): no rule changes these four.
    """

    owner: str | None = None
    owner_rule: str = ""
    skills: frozenset[str] = frozenset()
    skills_rule: str = ""
    credited_to: str | None = None
    assigned_to: str | None = None
    declined_by: tuple[str, ...] = ()
    pinned_at: datetime | None = None
    asked_skills: frozenset[str] = frozenset()

    @property
    def all_skills(self) -> frozenset[str]:
        """What rules and operators demand."""
        return self.skills | self.asked_skills

    def declined(self, operator: str) -> "Routing":
        """Not offered to them again, and no longer theirs; raises MoveNotAllowed for the 21st."""
        decliners = (*_without(self.declined_by, operator), operator)
        if len(decliners) > MAX_DECLINERS:
            raise MoveNotAllowed(f"{MAX_DECLINERS} operators declined the lead; transfer it.")
        assigned_to = None if self.assigned_to == operator else self.assigned_to
        return replace(self, declined_by=decliners, assigned_to=assigned_to)

    def handed_to_operator(self, operator: str) -> "Routing":
        """Theirs without an end, even if they declined it before."""
        return self.offered_again(operator, assigned_to=operator)

    def offered_again(self, operator: str, **changes: Any) -> "Routing":
        """Asked again, though they declined it."""
        return replace(self, declined_by=_without(self.declined_by, operator), **changes)

    def handed_to_skill(self, skill: str, giver: str) -> "Routing":
        """For whoever has the skill as well; not of who gives it away any longer."""
        stored = self if self.owner != giver else replace(self, owner=None, owner_rule="")
        return replace(stored, assigned_to=None, asked_skills=self.asked_skills | {skill})


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(other for other in names if other != name)


UNROUTED = Routing()
