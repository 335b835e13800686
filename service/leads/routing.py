"""Which operators may take a lead, and who is credited for it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from service.leads.errors import MoveNotAllowed
from service.leads.unchanging import unchanging

MAX_DECLINERS = 20


@unchanging
class Routing:
    """The owner of a lead and the skills that it demands, with the ids of the rules that say so.

    `credited_to` is the operator of the client's order or task: they get the credit, whoever serves
    the client (B2, B14). No rule changes the other four fields. `assigned_to` and `pinned_at` are a
    supervisor's decisions. `declined_by` are the operators who declined, the earliest first; they
    are not asked again. `asked_skills` are skills that the lead was handed to (B10).
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
        """The skills that rules and operators demand."""
        return self.skills | self.asked_skills

    def declined(self, operator: str) -> "Routing":
        """The routing after an operator declined: not theirs any longer.

        Raises MoveNotAllowed for the 21st operator.
        """
        decliners = (*_without(self.declined_by, operator), operator)
        if len(decliners) > MAX_DECLINERS:
            raise MoveNotAllowed(f"{MAX_DECLINERS} operators declined the lead; transfer it.")
        assigned_to = None if self.assigned_to == operator else self.assigned_to
        return replace(self, declined_by=decliners, assigned_to=assigned_to)

    def handed_to_operator(self, operator: str) -> "Routing":
        """Assign the lead to an operator, with no time limit, even if they declined it before."""
        return self.offered_again(operator, assigned_to=operator)

    def offered_again(self, operator: str, **changes: Any) -> "Routing":
        """Offer the lead to an operator again although they declined it."""
        return replace(self, declined_by=_without(self.declined_by, operator), **changes)

    def handed_to_skill(self, skill: str, giver: str) -> "Routing":
        """Demand one more skill; the giver is no longer the owner, and nobody is assigned."""
        stored = self if self.owner != giver else replace(self, owner=None, owner_rule="")
        return replace(stored, assigned_to=None, asked_skills=self.asked_skills | {skill})


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(other for other in names if other != name)


UNROUTED = Routing()
