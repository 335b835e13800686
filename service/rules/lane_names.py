"""The name of a lane says its owner, the skills that it demands, and who declined.

A lane is `[owner>]audience[^][!operator…]`. The owner has the lead for some time. The audience is
`everybody`, or skills joined by `+`. `^` means that the head of sales is asked too. The operators
at the end declined and are not asked again.
"""

from functools import lru_cache

from service.leads.lead import EVERYBODY
from service.leads.unchanging import unchanging

REMEMBERED_LANES = 10_000
HEAD_MARK = "^"


@unchanging
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
        return lane_name(self.owner, self.skills, self.declined_by, head_too=self.head_too)


@lru_cache(REMEMBERED_LANES)
def lane_name(
    owner: str | None,
    skills: frozenset[str],
    declined_by: frozenset[str],
    *,
    head_too: bool = False,
) -> str:
    """The name of a lane."""
    first = "" if owner is None else f"{owner}>"
    head = HEAD_MARK if head_too else ""
    declined = "".join(f"!{item}" for item in sorted(declined_by))
    return f"{first}{_audience(skills)}{head}{declined}"


def _audience(skills: frozenset[str]) -> str:
    audience = "+".join(sorted(skills))
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
