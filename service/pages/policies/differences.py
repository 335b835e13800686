"""Compares two texts side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 2
MAX_ROWS = 2000


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One line of each side; None where a side has none. `gap` stands for equal lines left out."""

    left: str | None
    right: str | None
    left_line: int | None = None
    right_line: int | None = None
    gap: bool = False

    @property
    def differs(self) -> bool:
        """Whether the two sides differ."""
        return self.left != self.right


def differences(left: str, right: str) -> list[DiffRow]:
    """The lines that differ, with two lines around them; empty when the texts are equal."""
    before, after = left.splitlines(), right.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    rows: list[DiffRow] = []
    for group in matcher.get_grouped_opcodes(AROUND):
        if rows:
            rows.append(DiffRow(None, None, gap=True))
        for tag, *places in group:
            rows += _rows(before, after, tag, (places[0], places[1], places[2], places[3]))
    return rows[:MAX_ROWS]


def _rows(
    before: list[str], after: list[str], tag: str, places: tuple[int, int, int, int]
) -> Iterator[DiffRow]:
    i1, i2, j1, j2 = places
    for offset in range(max(i2 - i1, j2 - j1)):
        i, j = i1 + offset, j1 + offset
        left = before[i] if i < i2 else None
        right = after[j] if j < j2 else None
        yield DiffRow(left, right, i + 1 if i < i2 else None, j + 1 if j < j2 else None)
