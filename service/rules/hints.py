"""Hints of the policy for the operator who takes a lead: how to lead such a talk (A12, B13)."""

from dataclasses import dataclass

from service.leads.lead import Intent, Kind, Lead


@dataclass(frozen=True, slots=True)
class Hint:
    """A text for leads of some kinds and intents (empty: of all); `live` restricts it further."""

    text: str
    rule: str
    kinds: frozenset[Kind] = frozenset()
    intents: frozenset[Intent] = frozenset()
    live: bool | None = None

    def fits(self, lead: Lead) -> bool:
        """Whether the hint is for this lead."""
        ranking = lead.ranking
        return (
            (not self.kinds or ranking.kind in self.kinds)
            and (not self.intents or ranking.intent in self.intents)
            and (self.live is None or self.live == lead.signal.live)
        )
