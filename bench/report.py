"""What is printed, and what is written for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.figures import CONTENDERS, Figures, figures, ratio_of_depths, ratio_to
from bench.preparation import CAPACITY
from bench.runs import OPERATORS, Run, Work
from bench.setting import Setting

TARGETS = {Work.INTAKE: 1.2, Work.SERVING: 1.35, Work.SETTLING: 1.35}
TARGET_OF_DEPTH = 0.9

FLOOR = """\
floor          FastAPI routes, Request and JSONResponse, redis-py and an asyncpg pool as they come.
               In: parse the JSON body, INSERT … RETURNING * of 22 columns, 3 of them jsonb, 3
               indexes; one script: ZADD. Served: one script: ZRANGE 0 0, ZREM, ZADD; UPDATE …
               WHERE id AND state RETURNING *. Settled: UPDATE … WHERE id AND token RETURNING *,
               one event, ZREM. No key, validation, ranking, history of what came in and was
               served, client's card, capacity, lease or explanation.
harder floor   the same behind plain Starlette routes, with the pool's reset switched off."""

HEADINGS = (
    *("", "waiting", "a second", "to floor", "to harder", "p50 ms", "p99 ms"),
    *("Python", "Postgres", "Valkey"),
)
WIDTHS = (26, 9, 10, 10, 11, 8, 8, 8, 10, 8)


def as_text(setting: Setting, runs: Sequence[Run]) -> str:
    """The whole report, made to be read."""
    parts = [_header(setting, runs), FLOOR, _method(setting, runs), _table(setting, runs)]
    return "\n\n".join([*parts, *_verdict(setting, runs), "\n".join(faults(runs))]).rstrip()


def as_lines(setting: Setting, runs: Sequence[Run]) -> str:
    """A line for each main ratio: its name, the ratio, the target; more is better."""
    (depth,) = setting.plan.depths
    ratios = {work: ratio_to(runs, work, depth, "floor") for work in Work}
    return "\n".join(
        f"{work.replace(' ', '-')} {0.0 if ratio is None else ratio:.2f} {TARGETS[work]}"
        for work, ratio in ratios.items()
    )


def write_json(file: Path, setting: Setting, runs: Sequence[Run]) -> None:
    """Every single run, for programs."""
    sent = {"setting": asdict(setting), "runs": [asdict(run) for run in runs]}
    file.write_text(json.dumps(sent, indent=1), encoding="utf-8")


def _header(setting: Setting, runs: Sequence[Run]) -> str:
    plan, rounds = setting.plan, len({run.round for run in runs})
    return (
        f"nextlead beside a floor: medians of {rounds} rounds of {plan.load.seconds} s each,"
        f" {plan.load.connections} connections, workers: {plan.workers}\n"
        f"{setting.generator}, PostgreSQL {setting.postgres}, Valkey {setting.valkey},"
        f" Python {setting.python}; {setting.cores} cores for all of them,"
        f" load average {setting.load_average:.1f} before"
    )


def _method(setting: Setting, runs: Sequence[Run]) -> str:
    return f"""\
Floor, service and harder floor take turns at every depth in every round; a ratio is the median of
the ratios within a round. After each run the line is made what it was before.
{OPERATORS} operators of capacity {CAPACITY} are served, every answer a new lead; Postgres is asked
afterwards whether it was. Settled are claims of before the run, each once. So that the line is not
drained, every run, of intake too, begins with a surplus on top of the depth, which serving takes
away; the service's were before and after it
{_spans(setting, runs)}.
Python, Postgres, Valkey: processor microseconds per answer, background work included."""


def _spans(setting: Setting, runs: Sequence[Run]) -> str:
    found = (figures(runs, Work.SERVING, depth, "service") for depth in setting.plan.depths)
    spans = (
        f"{_count(item.waiting_before)} → {_count(item.waiting_after)}" for item in found if item
    )
    return "; ".join(spans) or "no run counts"


def _table(setting: Setting, runs: Sequence[Run]) -> str:
    lines = [_line(HEADINGS), "─" * sum(WIDTHS)]
    for work in Work:
        for depth in setting.plan.depths:
            lines += [_row(runs, work, depth, contender) for contender in CONTENDERS]
    return "\n".join(lines)


def _row(runs: Sequence[Run], work: Work, depth: int, contender: str) -> str:
    found = figures(runs, work, depth, contender)
    name = f"{work:<14}{contender}"
    if found is None:
        return _line((name, _count(depth), "   no run counts"))
    return _line((name, _count(depth), *_rates(runs, work, depth, contender, found)))


def _rates(
    runs: Sequence[Run], work: Work, depth: int, contender: str, found: Figures
) -> tuple[str, ...]:
    floors = ("floor", "harder floor") if contender == "service" else ()
    ratios = [_ratio(ratio_to(runs, work, depth, floor)) for floor in floors] or ["", ""]
    times = (f"{found.median_ms:.1f}", f"{found.percentile_99_ms:.1f}")
    costs = (f"{cost:.0f}" for cost in (found.python, found.postgres, found.valkey))
    return (_count(found.per_second), *ratios, *times, *costs)


def _verdict(setting: Setting, runs: Sequence[Run]) -> list[str]:
    lines = []
    for work in Work:
        found = [ratio_to(runs, work, depth, "floor") for depth in setting.plan.depths]
        worst = min((item for item in found if item is not None), default=None)
        lines.append(_judged(f"{work} to floor, at its worst depth", worst, TARGETS[work]))
    if len(setting.plan.depths) > 1:
        lines += [_depth_verdict(setting, runs, work) for work in Work]
    return ["\n".join(lines)]


def _depth_verdict(setting: Setting, runs: Sequence[Run], work: Work) -> str:
    ends = (setting.plan.depths[0], setting.plan.depths[-1])
    ours = ratio_of_depths(runs, work, ends, "service")
    floors = _ratio(ratio_of_depths(runs, work, ends, "floor"))
    name = f"{work} at {_count(ends[1])} waiting to {_count(ends[0])} (floor's own: {floors})"
    return _judged(name, ours, TARGET_OF_DEPTH)


def _judged(name: str, value: float | None, target: float) -> str:
    word = "reached" if value is not None and value >= target else "missed"
    return f"{name}: {_ratio(value)}, target {target}: {word}"


def faults(runs: Sequence[Run]) -> list[str]:
    """Which runs do not count, and why."""
    return [
        f"does not count: round {run.round}, {run.work}, {run.contender}, {_count(run.depth)}"
        f" waiting: {run.fault}"
        for run in runs
        if run.fault is not None
    ]


def _line(cells: Sequence[str]) -> str:
    first, *others = cells
    rest = (cell.rjust(width) for cell, width in zip(others, WIDTHS[1:], strict=False))
    return (first.ljust(WIDTHS[0]) + "".join(rest)).rstrip()


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _count(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")
