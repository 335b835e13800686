"""A lane's name says whose it is, what it demands, and who declined it.

A lane is `[owner>]audience[^][!operator…]`: whose it is for a while, which skills it demands
(`everybody`, or skills joined by `+`), `^` when the head of sales is asked as well, and who
declined it and is not asked again.
"""

from dataclasses import dataclass
from functools import lru_cache

from service.leads.lead import EVERYBODY

REMEMBERED_LANES = 10_000
HEAD_MARK = "^"


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose a lead is, which skills it demands, whether of the head too, and who declined it."""

    owner: str | None = None
    skills: frozenset[str] = frozenset()
    declined_by: frozenset[str] = frozenset()
    head_too: bool = False

    @property
    def name(self) -> str:
        """The lane's name, the same for equal lanes, another for others.

        Only for names of operators and skills that the API takes: without `>`, `+`, `^` and `!`.
        """
        owner = "" if self.owner is None else f"{self.owner}>"
        head = HEAD_MARK if self.head_too else ""
        declined = "".join(f"!{item}" for item in sorted(self.declined_by))
        return f"{owner}{self._audience}{head}{declined}"

    @property
    def _audience(self) -> str:
        audience = "+".join(sorted(self.skills))
        # A skill may be called `everybody`, too.
        return f"+{audience}" if audience == EVERYBODY else audience or EVERYBODY


@lru_cache(REMEMBERED_LANES)
def lane_of(name: str) -> Lane:
    """The lane of a name that `Lane.name` made."""
    owner, found, rest = name.rpartition(">")
    audience, *declined = rest.split("!")
    skilled = audience.removesuffix(HEAD_MARK)
    skills = () if skilled == EVERYBODY else filter(None, skilled.split("+"))
    head_too = audience.endswith(HEAD_MARK)
    return Lane(owner if found else None, frozenset(skills), frozenset(declined), head_too)
