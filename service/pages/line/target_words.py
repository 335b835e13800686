"""Figures beside their targets, as the board says them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.pages.formats import UNBROKEN, Formats
from service.rules.targets import Figure, Judged

SHARES = (Figure.LATE_SHARE, Figure.CONVERSION)


@dataclass(frozen=True, slots=True)
class TargetWords:
    """A figure and its bound, such as `≤ 15`; `met` is None when there is nothing to judge."""

    value: str
    bound: str
    met: bool | None


def target_words(found: Sequence[Judged], f: Formats) -> Mapping[str, TargetWords]:
    """The figures that have a target, by their names."""
    return {
        item.figure.value: TargetWords(
            "—" if item.value is None else _written(item.figure, item.value, f),
            f"{'≥' if item.at_least else '≤'}{UNBROKEN}{_written(item.figure, item.target, f)}",
            item.met,
        )
        for item in found
    }


def _written(figure: Figure, value: float, f: Formats) -> str:
    if figure in SHARES:
        return f.percent(value)
    if figure is Figure.COST_PER_MINUTE:
        return f.short_money(value)
    if figure.endswith("_minutes"):
        return f.duration(60 * value)
    return f.duration(value) if figure.endswith("_seconds") else f.number(value)
