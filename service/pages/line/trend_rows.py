"""Today beside the same hours of earlier days, as the board says it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.flows.line.view_trends import DayFigures, Trends
from service.pages.catalogue import translator
from service.pages.formats import UNBROKEN, Formats
from service.pages.line.charts import path_of

ALIKE = 0.15  # a smaller part more or less is as usual

Read = Callable[[DayFigures], float | None]
Written = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class TrendRow:
    """A figure today, yesterday and on such days, and how today compares."""

    about: str
    today: str
    yesterday: str
    usual: str
    compared: str


@dataclass(frozen=True, slots=True)
class TrendTable:
    """The rows, and what came in by the hour as two lines."""

    until: str
    usual_days: int
    rows: Sequence[TrendRow]
    today_line: str
    usual_line: str


def trend_rows(trends: Trends | None, f: Formats) -> TrendTable | None:
    """The table of trends; None in the first hour of a day."""
    if trends is None:
        return None
    say = translator(f.language)
    longer, quicker = say("slower"), say("faster")
    more, less = say("more"), say("less")
    rows: list[tuple[str, Read, Written, tuple[str, str]]] = [
        (say("Came in"), lambda day: day.received, f.number, (more, less)),
        (say("Taken"), lambda day: day.served, f.number, (more, less)),
        (say("Sold"), lambda day: day.won, f.number, (more, less)),
        (say("Sum sold"), lambda day: day.amount, f.short_money, (more, less)),
        (say("Share sold"), lambda day: day.conversion, f.percent, (more, less)),
        (
            say("First answer"),
            lambda day: day.first_answer_seconds,
            f.duration,
            (longer, quicker),
        ),
    ]
    highest = max([*trends.today_hours, *trends.usual_hours, 1.0])
    return TrendTable(
        f.clock(trends.until),
        trends.usual_days,
        [_row(trends, about, read, written, words, say) for about, read, written, words in rows],
        path_of(trends.today_hours, highest, of=24),
        path_of(trends.usual_hours, highest, of=24),
    )


def _row(
    trends: Trends,
    about: str,
    read: Read,
    written: Written,
    words: tuple[str, str],
    say: Callable[[str], str],
) -> TrendRow:
    days = (trends.today, trends.yesterday, trends.usual)
    values = [None if day is None else read(day) for day in days]
    today, yesterday, usual = ("—" if value is None else written(value) for value in values)
    before = values[2] if trends.usual is not None else values[1]
    return TrendRow(about, today, yesterday, usual, _compared(values[0], before, words, say))


def _compared(
    today: float | None, before: float | None, words: tuple[str, str], say: Callable[[str], str]
) -> str:
    """`▲ more`, `▼ less` or `about the same`; nothing when there is nothing to compare with."""
    if today is None or before is None:
        return ""
    if abs(today - before) <= ALIKE * max(today, before):
        sign, word = "≈", say("about the same")
    else:
        sign, word = ("▲", words[0]) if today > before else ("▼", words[1])
    return f"{sign}{UNBROKEN}{word}"
