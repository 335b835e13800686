"""Small charts as paths; attributes and classes only, for styles are refused by the browser."""

from collections.abc import Sequence

WIDTH, HEIGHT = 240.0, 40.0


def path_of(values: Sequence[float], highest: float) -> str:
    """A line through values, left to right, of which `highest` touches the top."""
    if not values:
        return ""
    step = WIDTH / max(1, len(values) - 1)
    points = [
        f"{number * step:.1f},{HEIGHT - HEIGHT * value / (highest or 1):.1f}"
        for number, value in enumerate(values)
    ]
    return "M" + " L".join(points)


def place_of(share: float) -> float:
    """A share on an axis of 200."""
    return round(200 * min(1.0, max(0.0, share)), 1)
