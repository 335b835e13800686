"""What is printed, and what is written for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.figures import Row, contenders_of, figures, ratio, rows_of
from bench.preparation import CAPACITY
from bench.runs import OPERATORS, Run
from bench.setting import Setting
from bench.targets import Target, main_targets, targets

CONTENDERS = """\
floor          FastAPI routes, Request and JSONResponse, redis-py and an asyncpg pool as they come.
               In: parse the JSON body, INSERT … RETURNING * of 22 columns, 3 of them jsonb, 3
               indexes; one script: ZADD. Joined: as in. Served: one script: ZRANGE 0 0, ZREM,
               ZADD; UPDATE … WHERE id RETURNING *. Settled: UPDATE … WHERE id AND token RETURNING
               *, one event, ZREM. Polls: ZRANGE 0 19, SELECT of these rows, a hash of the answer
               as its ETag. No key, validation, ranking, history of what came in and was served,
               client's card, capacity, lease or explanation.
harder floor   the same behind plain Starlette routes, with the pool's reset switched off.
tuned floor    raw ASGI, one statement and one call of Valkey for all that come together; writes
               the rows that the service writes (lead, marks, card, event, ended claim, outcome)
               into the same tables, without any of its rules.
SKIP LOCKED    a table with a priority that never changes, behind raw ASGI; PgQueuer and
               procrastinate behind the same door, BullMQ behind Node's http: one item at a time."""

HEADINGS = (
    *("", "waiting", "conns", "a second", "to floor", "p50 ms", "p99 ms"),
    *("Python", "Postgres", "Valkey", "in all"),
)
WIDTHS = (34, 10, 6, 10, 9, 8, 8, 8, 10, 8, 8)


def as_text(setting: Setting, runs: Sequence[Run], missing: Mapping[str, str]) -> str:
    """The whole report, made to be read."""
    parts = [_header(setting, runs), CONTENDERS, _method(), _table(runs), _verdict(targets(runs))]
    lacking = [f"NOT MEASURED: {name}: {why}" for name, why in missing.items()]
    return "\n\n".join([*parts, *lacking, "\n".join(faults(runs))]).rstrip()


def as_lines(runs: Sequence[Run]) -> str:
    """A line for each main ratio: its name, the ratio, the target; more is better."""
    return "\n".join(
        f"{item.name} {item.ratio or 0.0:.2f} {item.target:g}" for item in main_targets(runs)
    )


def write_json(file: Path, setting: Setting, runs: Sequence[Run]) -> None:
    """Every single run, for programs."""
    sent = {"setting": asdict(setting), "runs": [asdict(run) for run in runs]}
    file.write_text(json.dumps(sent, indent=1), encoding="utf-8")


def faults(runs: Sequence[Run]) -> list[str]:
    """Which runs do not count, and why."""
    return [
        f"does not count: round {run.round}, {run.work}, {run.contender}, {count(run.depth)}"
        f" waiting, {run.connections} connections: {run.fault}"
        for run in runs
        if run.fault is not None
    ]


def count(value: float) -> str:
    """A number with its thousands apart."""
    return f"{value:,.0f}".replace(",", " ")


def _header(setting: Setting, runs: Sequence[Run]) -> str:
    plan, rounds = setting.plan, len({run.round for run in runs})
    return (
        f"nextlead beside others: medians of {rounds} rounds of {plan.seconds} s each,"
        f" workers: {plan.workers}\n"
        f"{setting.generator}, PostgreSQL {setting.postgres}, Valkey {setting.valkey},"
        f" Python {setting.python}; {setting.cores} cores of {setting.processor} for all of them;"
        f" a flush of the disk {setting.flush_microseconds:.0f} µs;"
        f" load average {setting.load_average:.1f} before, {setting.day}"
    )


def _method() -> str:
    return f"""\
All take turns at every work in every round; a ratio is the median of the ratios within a round.
After each round every line is made what it was before; queues of others are deep enough.
{OPERATORS} operators of capacity {CAPACITY} are served. A run counts only if the tables say that
each answer moved a lead, and every poll was answered 304. Settled are claims of the run before,
each once. "Served and settled" counts leads taken and ended, one after the other. A surplus on top
of those that wait is what a round serves.
Python, Postgres, Valkey: processor microseconds per answer, background work included; Node's for
BullMQ. p50 and p99 of "served and settled" are those of either request."""


def _table(runs: Sequence[Run]) -> str:
    lines = [_line(HEADINGS), "─" * sum(WIDTHS)]
    for row in rows_of(runs):
        lines += [_row(runs, row, contender) for contender in contenders_of(runs, row)]
    return "\n".join(lines)


def _row(runs: Sequence[Run], row: Row, contender: str) -> str:
    found = figures(runs, row, contender)
    where = (f"{row.work:<20}{contender}", count(row.depth), f"{row.connections}")
    if found is None:
        return _line((*where, "   no run counts"))
    by_floor = ratio(runs, row, contender, "floor")
    times = (f"{found.median_ms:.1f}", f"{found.percentile_99_ms:.1f}")
    parts = (found.python, found.postgres, found.valkey, found.processor)
    costs = (f"{cost:.0f}" for cost in parts)
    return _line((*where, count(found.per_second), _ratio(by_floor), *times, *costs))


def _verdict(found: Sequence[Target]) -> str:
    return "\n".join(
        f"{item.name}: {_ratio(item.ratio)}, target {item.target:g}:"
        f" {'reached' if item.reached else 'missed'}"
        for item in found
    )


def _line(cells: Sequence[str]) -> str:
    first, *others = cells
    rest = (cell.rjust(width) for cell, width in zip(others, WIDTHS[1:], strict=False))
    return (first.ljust(WIDTHS[0]) + "".join(rest)).rstrip()


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
