"""Small charts as paths. They use attributes and classes, because browsers refuse inline styles."""

from collections.abc import Sequence

WIDTH, HEIGHT = 240.0, 40.0


def path_of(values: Sequence[float], highest: float, of: int = 0) -> str:
    """A line through values from left to right; `highest` is at the top.

    With `of` the axis has room for so many values, of which these are the first.
    """
    if not values:
        return ""
    step = WIDTH / max(1, (of or len(values)) - 1)
    points = [
        f"{number * step:.1f},{HEIGHT - HEIGHT * value / (highest or 1):.1f}"
        for number, value in enumerate(values)
    ]
    return "M" + " L".join(points)


def place_of(share: float) -> float:
    """The place of a share on an axis of length 200."""
    return round(200 * min(1.0, max(0.0, share)), 1)
