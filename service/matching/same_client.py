"""Whether two sets of own marks are of one client: what they share against what differs.

An equal mark joins, unless of another sort both have marks of which none is equal, and those are
as sure as the equal one. An equal customer number always joins.
"""

from collections.abc import Collection, Iterable, Mapping

from service.leads.identity import Evidence
from service.matching.marks import Mark


def are_one_client(marks: Collection[Mark], others: Collection[Mark]) -> bool:
    """Whether a client who has these marks is the one who has the others."""
    shared = shared_marks(marks, others)
    if not shared:
        return False
    if any(mark.evidence is Evidence.CUSTOMER for mark in shared):
        return True
    differing = _differing_strength(marks, others)
    return differing is None or differing > min(mark.strength for mark in shared)


def shared_marks(marks: Iterable[Mark], others: Iterable[Mark]) -> list[Mark]:
    """The marks that both have, each as strong as the weaker side's."""
    strengths = {mark.identity: mark.strength for mark in others}
    return [
        mark._replace(strength=max(mark.strength, strengths[mark.identity]))
        for mark in marks
        if mark.identity in strengths
    ]


def _differing_strength(marks: Iterable[Mark], others: Iterable[Mark]) -> int | None:
    """How sure the surest difference is: of the sorts that both have, with no mark in common.

    A difference is as sure as the weaker of the two sides: a typed number may be anybody's.
    """
    mine, theirs = _by_sort(marks), _by_sort(others)
    found = [
        max(min(mine[sort].values()), min(theirs[sort].values()))
        for sort in {*mine} & {*theirs}
        if not {*mine[sort]} & {*theirs[sort]}
    ]
    return min(found, default=None)


def _by_sort(marks: Iterable[Mark]) -> Mapping[str, dict[str, int]]:
    """Each sort's values with their strengths."""
    found: dict[str, dict[str, int]] = {}
    for mark in marks:
        found.setdefault(mark.sort, {})[mark.value] = mark.strength
    return found
