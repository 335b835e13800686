"""Whether two sets of own marks are of one client: equal marks against different ones.

An equal mark joins them. It does not when they have different marks of another sort and these are
at least as strong. An equal customer number always joins.
"""

from collections.abc import Collection, Iterable, Mapping

from service.leads.identity import Evidence
from service.matching.marks import Mark


def are_one_client(marks: Collection[Mark], others: Collection[Mark]) -> bool:
    """Whether the two sets of marks are of one client."""
    shared = shared_marks(marks, others)
    if not shared:
        return False
    if any(mark.evidence is Evidence.CUSTOMER for mark in shared):
        return True
    differing = _differing_strength(marks, others)
    return differing is None or differing > min(mark.strength for mark in shared)


def shared_marks(marks: Iterable[Mark], others: Iterable[Mark]) -> list[Mark]:
    """The marks in both sets, with the strength of the weaker side."""
    strengths = {mark.identity: mark.strength for mark in others}
    return [
        mark._replace(strength=max(mark.strength, strengths[mark.identity]))
        for mark in marks
        if mark.identity in strengths
    ]


def _differing_strength(marks: Iterable[Mark], others: Iterable[Mark]) -> int | None:
    """The strength of the strongest difference: a sort in both sets without an equal mark.

    A difference has the strength of its weaker side, because a typed number may be anybody's.
    """
    mine, theirs = _by_sort(marks), _by_sort(others)
    found = [
        max(min(mine[sort].values()), min(theirs[sort].values()))
        for sort in {*mine} & {*theirs}
        if not {*mine[sort]} & {*theirs[sort]}
    ]
    return min(found, default=None)


def _by_sort(marks: Iterable[Mark]) -> Mapping[str, dict[str, int]]:
    """The values of each sort, with their strengths."""
    found: dict[str, dict[str, int]] = {}
    for mark in marks:
        found.setdefault(mark.sort, {})[mark.value] = mark.strength
    return found
