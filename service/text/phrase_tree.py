"""The tree of a lexicon's phrases, and the search of a text in it.

This is the hot loop of reading, so its nodes have slots and it makes no iterators on the way.
"""

from collections.abc import Callable, Sequence
from itertools import compress

from service.leads.unchanging import unchanging
from service.text.tokens import CLAUSE_MARKS, FILLERS, listed

Holds = Callable[[int, int, int], bool]

MAX_SKIPPED = 2
END, END_OF_CLAUSE, WHOLE_CLAUSE, END_OF_QUESTION = -1, -2, -3, -4
QUESTION = "?"

# Words that distinguish the parts of a pair, anywhere in their names.
SIDES = frozenset(
    listed(
        "передний передняя переднее передние передних переднюю передней задний задняя заднее "
        "задние задних заднюю задней левый левая левое левые левую левой левого правый правая "
        "правое правые правую правой правого верхний верхняя верхние нижний нижняя нижние нижнюю "
        "новый новая новое новые новую новых хороший хорошие оригинальный оригинальные дешевый "
        "недорогой недорогие внутренний наружный наружная внутренняя front rear left right new"
    )
)
WHERE_TO = frozenset(listed("для от под"))
SKIPPED = FILLERS | SIDES | WHERE_TO | {"№", "#"}


@unchanging
class FoundPhrase:
    """A phrase found in a text: the place of its first word, the end, and its owner."""

    start: int
    end: int
    owner: int


NO_OWNERS: dict[int, tuple[int, ...]] = {}
NO_WORDS: dict[int, "PhraseNode"] = {}  # shared by the many nodes at which phrases end


class PhraseNode:
    """A word of some phrases: those that end here by how they end, and the words that follow."""

    __slots__ = ("closing", "following", "owners")

    def __init__(self) -> None:
        self.following: dict[int, PhraseNode] = NO_WORDS
        self.owners: tuple[int, ...] = ()
        self.closing: dict[int, tuple[int, ...]] = NO_OWNERS

    def at(self, ids: Sequence[int]) -> "PhraseNode":
        """The node of the last of these words, made when there is none."""
        node = self
        for identity in ids:
            node = node.following.get(identity) or node._made(identity)
        return node

    def put(self, end: int, owner: int) -> None:
        """Add an owner of the phrase that ends here in this way."""
        owners = self.ending(end)
        if owner in owners:
            return
        if end == END:
            self.owners = (*owners, owner)
        else:
            self.closing = {**self.closing, end: (*owners, owner)}

    def _made(self, identity: int) -> "PhraseNode":
        if self.following is NO_WORDS:
            self.following = {}
        found = self.following[identity] = PhraseNode()
        return found

    def owners_of(self, ids: Sequence[int], end: int) -> tuple[int, ...]:
        """The owners of the phrase with these words and this end."""
        node: PhraseNode | None = self
        for identity in ids:
            node = None if node is None else node.following.get(identity)
        return () if node is None else node.ending(end)

    def ending(self, end: int) -> tuple[int, ...]:
        """The owners of the phrases that end here in this way."""
        return self.owners if end == END else self.closing.get(end, ())


def find_phrases(
    root: PhraseNode, tokens: Sequence[str], ids: Sequence[tuple[int, ...]], holds: Holds
) -> list[FoundPhrase]:
    """The phrases of a text for which `holds` is true: leftmost and longest, no overlaps."""
    found, free, first = [], 0, root.following
    for at in compress(range(len(tokens)), ids):
        if at < free:
            continue
        paths = [(first[each], at + 1, 1) for each in ids[at] if each in first]
        best = _longest(paths, tokens, ids, at, holds) if paths else None
        if best is not None:
            found.append(best)
            free = best.end
    return found


def _longest(
    paths: list[tuple[PhraseNode, int, int]],
    tokens: Sequence[str],
    ids: Sequence[tuple[int, ...]],
    start: int,
    holds: Holds,
) -> FoundPhrase | None:
    longest, end, owner, count = 0, 0, 0, len(tokens)
    while paths:
        node, at, words = paths.pop()
        if words > longest and (node.owners or node.closing):
            owners = _owners_at(node, tokens, start, at) if node.closing else node.owners
            for each in owners:
                if holds(each, start, at):
                    longest, end, owner = words, at, each
                    break
        following = node.following
        if not following:
            continue
        last = at + MAX_SKIPPED
        while at < count:
            for each in ids[at]:
                if each in following:
                    paths.append((following[each], at + 1, words + 1))  # noqa: PERF401 — mostly none
            if at == last or tokens[at] not in SKIPPED:
                break
            at += 1
    return FoundPhrase(start, end, owner) if longest else None


def _owners_at(node: PhraseNode, tokens: Sequence[str], start: int, at: int) -> tuple[int, ...]:
    """The owners of a phrase that may end here; the strictest match comes first."""
    owners, closing = node.owners, node.closing
    if WHOLE_CLAUSE in closing and _closes(tokens, at) and _opens(tokens, start):
        owners = closing[WHOLE_CLAUSE] + owners
    if END_OF_CLAUSE in closing and _closes(tokens, at):
        owners = closing[END_OF_CLAUSE] + owners
    if END_OF_QUESTION in closing and _asks(tokens, at):
        owners = closing[END_OF_QUESTION] + owners
    return owners


def _opens(tokens: Sequence[str], start: int) -> bool:
    return start == 0 or tokens[start - 1] in CLAUSE_MARKS


def _asks(tokens: Sequence[str], at: int) -> bool:
    for place in range(at, min(at + MAX_SKIPPED + 1, len(tokens))):
        if tokens[place] == QUESTION:
            return True
        if tokens[place] not in SKIPPED:
            return False
    return False


def _closes(tokens: Sequence[str], at: int) -> bool:
    return at >= len(tokens) or tokens[at] in CLAUSE_MARKS
