"""Charts as inline SVG. They need no script, and are readable in print and without colours.

Each series has a colour of Okabe and Ito's palette, a dash pattern and a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES = ("", "7 3", "2 2", "9 3 2 3", "4 4", "1 3", "12 3")
WIDTH, LABELS, BAR = 720, 150, 22
HEIGHT, MARGIN = 260, 46


@dataclass(frozen=True, slots=True)
class Bar:
    """A value 0…1 with its name and half the width of its interval."""

    name: str
    value: float
    interval: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Point:
    """The cost of an order (x) and its gain (y)."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Axes:
    """The labels of x and y; y runs from `low` to `high`."""

    x: str
    y: str
    low: float
    high: float


def bars(rows: Sequence[Bar]) -> str:
    """Bars with intervals, from a common left end slightly below the least value."""
    spans = [(row.interval or 0.0) for row in rows]
    least = min(row.value - span for row, span in zip(rows, spans, strict=True))
    most = max(row.value + span for row, span in zip(rows, spans, strict=True))
    low = max(0.0, least - 0.2 * (most - least or 1.0))

    def x(value: float) -> float:
        return LABELS + (WIDTH - LABELS - 120) * (value - low) / (most - low or 1.0)

    parts = []
    for place, (row, span) in enumerate(zip(rows, spans, strict=True)):
        y = place * BAR * 1.4
        parts += [
            _text(LABELS - 8, y + BAR * 0.7, row.name, "end"),
            f'<rect x="{LABELS}" y="{y:.1f}" width="{x(row.value) - LABELS:.1f}" height="{BAR}" '
            f'fill="{COLOURS[0 if place == 0 else 5]}" stroke="#333"/>',
            _stroke([(x(row.value - span), y + BAR / 2), (x(row.value + span), y + BAR / 2)]),
            _text(x(most) + 10, y + BAR * 0.7, _share(row)),
        ]
    return _svg(len(rows) * BAR * 1.4 + 10, parts, "bars with 95 % intervals")


def curves(found: Sequence[Curve], axes: Axes) -> str:
    """Lines over a common x. The key below names each."""
    xs = [x for curve in found for x, _ in curve.points]
    left, right = min(xs), max(xs)
    wide, tall = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x = MARGIN + wide * (point[0] - left) / (right - left or 1.0)
        return x, MARGIN + tall * (axes.high - point[1]) / (axes.high - axes.low or 1.0)

    parts = [
        _stroke([(MARGIN, MARGIN), (MARGIN, HEIGHT - MARGIN), (WIDTH - MARGIN, HEIGHT - MARGIN)]),
        _text(MARGIN, MARGIN - 12, axes.y),
        _text(WIDTH - MARGIN, HEIGHT - 8, axes.x, "end"),
        _text(MARGIN, HEIGHT - MARGIN + 16, f"{left:g}"),
        _text(WIDTH - MARGIN, HEIGHT - MARGIN + 16, f"{right:g}", "end"),
        _text(MARGIN - 6, MARGIN + 6, f"{axes.high:.2f}", "end"),
        _text(MARGIN - 6, HEIGHT - MARGIN, f"{axes.low:.2f}", "end"),
    ]
    for number, curve in enumerate(found):
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        y = HEIGHT + 18 * (number // 3)
        x = MARGIN + 220 * (number % 3)
        parts += [
            _stroke([place(point) for point in curve.points], colour, dash),
            _stroke([(x, y + 8), (x + 34, y + 8)], colour, dash),
            _text(x + 40, y + 12, curve.name),
        ]
    return _svg(HEIGHT + 18 * (len(found) // 3 + 1) + 8, parts, f"{axes.y} over {axes.x}")


def frontier(found: Sequence[Point], axes: Axes) -> str:
    """Points with names. A dashed line joins the points that no other point beats in both.

    More of `y` is better, and less of `x`.
    """
    right = max(point.x for point in found) or 1.0
    wide, tall = WIDTH - 2 * MARGIN - LABELS, HEIGHT - 2 * MARGIN

    def place(point: Point) -> tuple[float, float]:
        y = MARGIN + tall * (axes.high - point.y) / (axes.high - axes.low or 1.0)
        return MARGIN + wide * point.x / right, y

    parts = [
        _stroke([(MARGIN, MARGIN), (MARGIN, HEIGHT - MARGIN), (WIDTH - MARGIN, HEIGHT - MARGIN)]),
        _text(MARGIN, MARGIN - 12, axes.y),
        _text(WIDTH - MARGIN, HEIGHT - 8, axes.x, "end"),
        _text(MARGIN, HEIGHT - MARGIN + 16, "0"),
        _text(MARGIN + wide, HEIGHT - MARGIN + 16, f"{right:.1f}", "middle"),
        _text(MARGIN - 6, MARGIN + 6, f"{axes.high:.2f}", "end"),
        _text(MARGIN - 6, HEIGHT - MARGIN, f"{axes.low:.2f}", "end"),
        _stroke([place(point) for point in unbeaten(found)], COLOURS[0], DASHES[1]),
    ]
    for point in found:
        x, y = place(point)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{COLOURS[5]}" stroke="#333"/>')
        parts.append(_text(x + 9, y + 4, point.name))
    return _svg(HEIGHT, parts, f"{axes.y} over {axes.x}")


def unbeaten(found: Sequence[Point]) -> list[Point]:
    """The points that no other point beats in both, from left to right."""
    best: list[Point] = []
    for point in sorted(found, key=lambda item: (item.x, -item.y)):
        if not best or point.y > best[-1].y:
            best.append(point)
    return best


def stacks(names: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Stacked bars. Each part is named in the key and shows its number."""
    most = max(sum(values) for _, values in rows) or 1.0
    wide, parts = WIDTH - LABELS - 20, []
    for place, (name, values) in enumerate(rows):
        x, y = float(LABELS), place * BAR * 1.4
        parts.append(_text(LABELS - 8, y + BAR * 0.7, name, "end"))
        for number, value in enumerate(values):
            width = wide * value / most
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{BAR}" '
                f'fill="{COLOURS[number % len(COLOURS)]}" fill-opacity="0.55" stroke="#333"/>'
            )
            if width > 30:
                parts.append(_text(x + width / 2, y + BAR * 0.7, f"{100 * value:.1f}", "middle"))
            x += width
    top = len(rows) * BAR * 1.4 + 8
    for number, name in enumerate(names):
        x = 20 + 115 * (number % 6)
        parts += [
            f'<rect x="{x}" y="{top}" width="12" height="12" stroke="#333" fill-opacity="0.55" '
            f'fill="{COLOURS[number % len(COLOURS)]}"/>',
            _text(x + 18, top + 11, name),
        ]
    return _svg(top + 22, parts, "money lost by kind")


def _share(row: Bar) -> str:
    return f"{row.value:.3f}" + ("" if row.interval is None else f" ±{row.interval:.3f}")


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _stroke(points: Sequence[tuple[float, float]], colour: str = "#333", dash: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dash}"/>'
    )


def _svg(height: float, parts: Sequence[str], title: str) -> str:
    inner = "".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">{inner}</svg>'
    )
