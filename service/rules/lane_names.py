"""The name of a lane says its owner, the skills that it demands, and who declined.

A lane is `[owner>]audience[^][!operator…]`. The owner has the lead for some time. The audience is
`everybody`, or skills joined by `+`. `^` means that the head of sales is asked too. The operators
at the end declined and are not asked again.
"""

from dataclasses import dataclass
from functools import lru_cache

from service.leads.lead import EVERYBODY

REMEMBERED_LANES = 10_000
HEAD_MARK = "^"


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane's owner, demanded skills and decliners; `head_too`: the head may serve it too."""

    owner: str | None = None
    skills: frozenset[str] = frozenset()
    declined_by: frozenset[str] = frozenset()
    head_too: bool = False

    @property
    def name(self) -> str:
        """The lane's name; equal lanes have equal names, other lanes other names.

        The names of operators and skills must have no `>`, `+`, `^` and `!`; the API takes no
        others.
        """
        owner = "" if self.owner is None else f"{self.owner}>"
        head = HEAD_MARK if self.head_too else ""
        declined = "".join(f"!{item}" for item in sorted(self.declined_by))
        return f"{owner}{self._audience}{head}{declined}"

    @property
    def _audience(self) -> str:
        audience = "+".join(sorted(self.skills))
        # A skill may have the name `everybody`.
        return f"+{audience}" if audience == EVERYBODY else audience or EVERYBODY


@lru_cache(REMEMBERED_LANES)
def lane_of(name: str) -> Lane:
    """The lane of a name that `Lane.name` returned."""
    owner, found, rest = name.rpartition(">")
    audience, *declined = rest.split("!")
    skilled = audience.removesuffix(HEAD_MARK)
    skills = () if skilled == EVERYBODY else filter(None, skilled.split("+"))
    head_too = audience.endswith(HEAD_MARK)
    return Lane(owner if found else None, frozenset(skills), frozenset(declined), head_too)
