"""Pictures of what was measured: `python -m bench.pictures_of_runs RUNS.json FOLDER`.

The ladder shows everybody's rate by the plain floor's; the other picture what an answer costs by
how many wait. SVG, and PNG where Chromium is installed.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bench.figures import Row, contenders_of, figures, ratio, rows_of
from bench.load import Answers
from bench.plan import LEAST
from bench.report import count
from bench.runs import ProcessorTime, Run
from bench.works import Work

WIDTH, NAMES, BAR, GAP = 780, 270, 18, 4
LONGEST = 6.0  # a bar of more is cut off; its number is not
COLOURS = {"service": "#0072b2", "floor": "#e69f00"}
OTHERS = "#8a8a8a"
PARTS = (("Python", "#0072b2"), ("Postgres", "#009e73"), ("Valkey", "#d55e00"))
STYLE = "svg{background:#fff;font:13px sans-serif}"


def draw(runs: Sequence[Run], folder: Path) -> list[Path]:
    """Draw both pictures into a folder; a picture of nothing is not drawn."""
    drawn = []
    for name, picture in (("ladder", _ladder(runs)), ("depth", _depth(runs))):
        if picture is None:
            continue
        file = folder / f"{name}.svg"
        file.write_text(picture, encoding="utf-8")
        drawn += [file, *_as_png(file)]
    return drawn


def read_runs(file: Path) -> list[Run]:
    """The runs that the bench has written."""
    return [_run(sent) for sent in json.loads(file.read_text(encoding="utf-8"))["runs"]]


def _run(sent: dict[str, Any]) -> Run:
    parts = {
        "work": Work(sent["work"]),
        "answers": Answers(**sent["answers"]),
        "taken": ProcessorTime(**sent["taken"]),
    }
    return Run(**{**sent, **parts})


def _ladder(runs: Sequence[Run]) -> str | None:
    """A bar for everybody in every row, as long as their rate by the floor's."""
    lines: list[tuple[str, float | None, str]] = []
    for row in rows_of(runs):
        where = f"{row.work}, {count(row.depth)} waiting, {row.connections} connections"
        lines.append((where, None, ""))
        for name in contenders_of(runs, row):
            found = ratio(runs, row, name, "floor")
            if found is not None:
                lines.append((name, found, COLOURS.get(name, OTHERS)))
    longest = max((value for _, value, _ in lines if value), default=None)
    return None if longest is None else _bars(lines, min(longest, LONGEST))


def _bars(lines: Sequence[tuple[str, float | None, str]], longest: float) -> str:
    parts = [_text(4, 16, "rate of answers by that of the plain floor, whose bar is 1")]
    for number, (name, value, colour) in enumerate(lines):
        top = 30 + number * (BAR + GAP)
        if value is None:
            parts.append(_text(4, top + 14, name, weight="bold"))
            continue
        length = (WIDTH - NAMES - 60) * min(value / longest, 1)
        parts += [
            _text(NAMES - 8, top + 14, name, anchor="end"),
            f'<rect x="{NAMES}" y="{top}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>',
            _text(NAMES + length + 6, top + 14, f"{value:.2f}"),
        ]
    return _svg(40 + len(lines) * (BAR + GAP), parts)


def _depth(runs: Sequence[Run]) -> str | None:
    """What an answer of service and floor costs at each depth, by that of the service's least."""
    rows = [row for row in rows_of(runs) if _is_compared(runs, row)]
    stacks = [stack for row in rows for stack in _stacks(runs, row)]
    if len({row.depth for row in rows}) < 2:
        return None
    most = max(sum(values) for _, values in stacks)
    title = "processor for an answer: 1 is what the service takes where 1 000 wait"
    parts = [_text(4, 16, title)]
    for number, (name, colour) in enumerate(PARTS):
        left = NAMES + 110 * number
        parts += [
            f'<rect x="{left}" y="24" width="12" height="12" fill="{colour}"/>',
            _text(left + 18, 35, name),
        ]
    for number, (name, values) in enumerate(stacks):
        top, x = 46 + number * (BAR + GAP), float(NAMES)
        parts.append(_text(NAMES - 8, top + 14, name, anchor="end"))
        for value, (_, colour) in zip(values, PARTS, strict=True):
            wide = (WIDTH - NAMES - 60) * value / most
            parts.append(
                f'<rect x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{BAR}" fill="{colour}"/>'
            )
            x += wide
        parts.append(_text(x + 6, top + 14, f"{sum(values):.2f}"))
    return _svg(56 + len(stacks) * (BAR + GAP), parts)


def _is_compared(runs: Sequence[Run], row: Row) -> bool:
    first = min(one.connections for one in rows_of(runs))
    depths = {one.depth for one in rows_of(runs) if one.work is row.work}
    return row.connections == first and len(depths) > 1


def _stacks(runs: Sequence[Run], row: Row) -> Iterator[tuple[str, tuple[float, ...]]]:
    least = figures(runs, Row(row.work, LEAST, row.connections), "service")
    for name in ("service", "floor"):
        found = figures(runs, row, name)
        if least is not None and found is not None:
            costs = (found.python, found.postgres, found.valkey)
            label = f"{row.work}, {count(row.depth)}: {name}"
            yield label, tuple(cost / least.processor for cost in costs)


def _text(x: float, y: float, words: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(words)}</text>"
    )


def _svg(height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' viewBox="0 0 {WIDTH} {height}"><style>{STYLE}</style>{"".join(parts)}</svg>\n'
    )


def _as_png(file: Path) -> Iterator[Path]:
    chromium = shutil.which("chromium")
    if chromium is None:
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  of the development group

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(f"<body style='margin:0'>{file.read_text(encoding='utf-8')}</body>")
        page.locator("svg").screenshot(path=file.with_suffix(".png"))
        browser.close()
    yield file.with_suffix(".png")


if __name__ == "__main__":
    draw(read_runs(Path(sys.argv[1])), Path(sys.argv[2]))
