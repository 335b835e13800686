"""Finds the time by which a client needs something: "к субботе", "20 декабря", "завтра до 12".

Days and times are in the queue's zone. Reading takes linear time.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from service.text.tokens import CLAUSE_MARKS, listed

WEEKDAYS = {
    word: day
    for day, words in enumerate(
        (
            "понедельник понедельника понедельнику пн monday понеділок",
            "вторник вторника вторнику вт tuesday вівторок",
            "среда среду среды среде ср wednesday середу",
            "четверг четверга четвергу чт thursday четвер",
            "пятница пятницу пятницы пятнице пт friday пятницю",
            "суббота субботу субботы субботе сб saturday суботу",
            "воскресенье воскресенья воскресенью вс sunday неділю",
        )
    )
    for word in listed(words)
}
MONTHS = {
    word: month
    for month, words in enumerate(
        (
            "января январь january січня",
            "февраля февраль february лютого",
            "марта march березня",
            "апреля april квітня",
            "мая may травня",
            "июня june червня",
            "июля july липня",
            "августа august серпня",
            "сентября september вересня",
            "октября october жовтня",
            "ноября november листопада",
            "декабря декабрь december грудня",
        ),
        start=1,
    )
    for word in listed(words)
}
BEFORE_A_DAY = frozenset(listed("к ко до на в во by on for этот эту ближайший ближайшую на"))
RELATIVE = {"сегодня": 0, "today": 0, "сьогодні": 0, "завтра": 1, "tomorrow": 1, "послезавтра": 2}
TIMES = {
    **dict.fromkeys(listed("утра утру утром утро"), 9),
    **dict.fromkeys(listed("обеда обеду обед"), 13),
    **dict.fromkeys(listed("вечера вечеру вечером вечер"), 19),
    **dict.fromkeys(listed("ночи ночью ночь"), 23),
    "днем": 14,
}
PARTS = frozenset(listed("утра дня вечера ночи часов часа час ч"))
SPANS = {
    **dict.fromkeys(listed("минут минуту минуты мин"), timedelta(minutes=1)),
    **dict.fromkeys(listed("час часа часов часик часика"), timedelta(hours=1)),
    **dict.fromkeys(listed("день дня дней денька денек"), timedelta(days=1)),
    **dict.fromkeys(listed("неделю недели недель недельку"), timedelta(days=7)),
    **dict.fromkeys(listed("месяц месяца месяцев"), timedelta(days=30)),
    "полчаса": timedelta(minutes=30),
}
COUNTS = {
    **{"пару": 2, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "десять": 10},
    **{"полтора": 1, "несколько": 3, "пол": 1},
}
CLOCK = re.compile(r"([0-9]{1,2})(?:[:.-]([0-9]{2}))?(?:ч|час|часов)?")
DAY_AND_MONTH = re.compile(r"([0-9]{1,2})[./]([0-9]{2})(?:[./]([0-9]{2}|[0-9]{4}))?")
DATE_AMONG_TOKENS = re.compile(rf"(?<!\S){DAY_AND_MONTH.pattern}(?!\S)")
DAY = re.compile(r"([0-9]{1,2})(?:го|-го|му|е)?")
DEFAULT_HOUR, END_OF_DAY = 12, 20
FARTHEST = timedelta(days=300)
OF_A_MONTH = frozenset(listed("числа число числу"))
YEARS = frozenset(listed("год года г гв"))

# In a clause with such a word, the day is about something else than the need.
NOT_OF_NEED = frozenset(
    listed(
        "заказал заказала заказали заказывал заказывала заказывали заказано заказан оплатил "
        "оплатила оплатили купил купила купили покупал покупали получил получила получили "
        "привезли отправили обещали работаете работаешь работает открыты открываетесь "
        "закрываетесь график выходной выходные был была было были приезжал брал брала брали "
        " выпуска родился вчера позавчера перезвоните позвоните напишите наберите напишу "
        "позвоню звонил писал писали"
    )
)

# Without one of these words, or a date in digits, a text names no day.
DAY_WORDS = frozenset(
    (
        *RELATIVE,
        *WEEKDAYS,
        *MONTHS,
        *listed("через течение in within неделе недели числа число числу"),
    )
) | frozenset(listed("выходные выходным выходных weekend месяц месяца месяце"))


@dataclass(frozen=True)
class NamedDays:
    """Days that a trade has names for: words such as "новый год", with month and day."""

    days: Mapping[tuple[str, ...], tuple[int, int]]

    @cached_property
    def by_first_word(self) -> Mapping[str, Mapping[tuple[str, ...], tuple[int, int]]]:
        """The names, by the words that they begin with."""
        found: dict[str, dict[tuple[str, ...], tuple[int, int]]] = {}
        for words, day in self.days.items():
            found.setdefault(words[0], {})[words] = day
        return found

    @cached_property
    def written(self) -> str:
        """All of them as one string."""
        return repr(sorted(self.days.items()))

    def __hash__(self) -> int:
        return hash(self.written)


NO_NAMED_DAYS = NamedDays({})


def find_needed_by(
    tokens: Sequence[str], asked_at: datetime, named: NamedDays | None = None
) -> datetime | None:
    """The last future moment named, in the zone of `asked_at`; None when there is none."""
    if not may_name_a_day(tokens, named):
        return None
    found = None
    for start, end in _clauses(tokens):
        clause = tokens[start:end]
        if NOT_OF_NEED.isdisjoint(clause) and not _has_a_year(clause):
            found = _of_clause(clause, asked_at, named) or found
    return found


def _has_a_year(clause: Sequence[str]) -> bool:
    """Whether a day has a year: "20 декабря 2015 года"."""
    if YEARS.isdisjoint(clause):
        return False
    return any(word in YEARS and clause[at][0].isdigit() for at, word in enumerate(clause[1:]))


def may_name_a_day(tokens: Sequence[str], named: NamedDays | None = None) -> bool:
    """Whether any word or number can name a day; without one, nothing else is looked at."""
    if not DAY_WORDS.isdisjoint(tokens):
        return True
    if named is not None and not named.by_first_word.keys().isdisjoint(tokens):
        return True
    return DATE_AMONG_TOKENS.search(" ".join(tokens)) is not None


def _clauses(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, token in enumerate(tokens):
        if token in CLAUSE_MARKS:
            yield start, at
            start = at + 1
    yield start, len(tokens)


def _of_clause(
    clause: Sequence[str], asked_at: datetime, named: NamedDays | None
) -> datetime | None:
    today = asked_at.date()
    for at, token in enumerate(clause):
        day = None
        if token in DAY_WORDS:
            moment = _after_span(clause, at, asked_at)
            if moment is not None:
                return moment
            day = _day(clause, at, today)
        elif token[0].isdigit():
            day = _dated(clause, at, today)
        if day is None and named is not None and token in named.by_first_word:
            day = _holiday(clause, at, today, named)
        if day is not None:
            return _moment(day, _time(clause), asked_at)
    return None


def _moment(day: date, at: time | None, asked_at: datetime) -> datetime | None:
    is_today = day == asked_at.date()
    moment = datetime.combine(
        day, at or time(END_OF_DAY if is_today else DEFAULT_HOUR), asked_at.tzinfo
    )
    if is_today and moment <= asked_at:
        moment = datetime.combine(day, time(23, 59), asked_at.tzinfo)
    return moment if asked_at < moment <= asked_at + FARTHEST else None


def _after_span(clause: Sequence[str], at: int, asked_at: datetime) -> datetime | None:
    """ "через неделю", "через 2 часа", "в течение часа"."""
    if clause[at] not in ("через", "течение", "in", "within"):
        return None
    rest = clause[at + 1 : at + 3]
    if rest and rest[0] in SPANS:
        return asked_at + SPANS[rest[0]]
    if len(rest) < 2 or rest[1] not in SPANS:
        return None
    count = COUNTS.get(rest[0]) or (int(rest[0]) if re.fullmatch("[0-9]{1,3}", rest[0]) else 0)
    return asked_at + count * SPANS[rest[1]] if count else None


def _day(clause: Sequence[str], at: int, today: date) -> date | None:
    token, before = clause[at], clause[at - 1] if at else ""
    if token in RELATIVE:
        return today + timedelta(days=RELATIVE[token])
    if token in WEEKDAYS and (before in BEFORE_A_DAY or before in TIMES):
        return today + timedelta(days=(WEEKDAYS[token] - today.weekday()) % 7 or 7)
    if token in ("неделе", "недели") and before in ("следующей", "той"):
        return today + timedelta(days=7 - today.weekday())
    if token in ("выходные", "выходным", "выходных", "weekend"):
        return today + timedelta(days=(5 - today.weekday()) % 7)
    if token in ("месяц", "месяца", "месяце") and before in (
        "следующий",
        "следующего",
        "следующем",
    ):
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return None


def _dated(clause: Sequence[str], at: int, today: date) -> date | None:
    token, before = clause[at], clause[at - 1] if at else ""
    behind = clause[at + 1] if at + 1 < len(clause) else ""
    if behind in MONTHS and (number := DAY.fullmatch(token)):
        return _next(MONTHS[behind], int(number[1]), today)
    if behind in OF_A_MONTH and (number := DAY.fullmatch(token)):
        month = today.month if int(number[1]) >= today.day else today.month % 12 + 1
        return _next(month, int(number[1]), today)
    written = DAY_AND_MONTH.fullmatch(token) if before in BEFORE_A_DAY else None
    if written and 1 <= int(written[2]) <= 12:
        return _next(int(written[2]), int(written[1]), today)
    return None


def _holiday(clause: Sequence[str], at: int, today: date, named: NamedDays) -> date | None:
    for words, (month, day) in named.by_first_word[clause[at]].items():
        if tuple(clause[at : at + len(words)]) == words:
            return _next(month, day, today)
    return None


def _next(month: int, day: int, today: date) -> date | None:
    """The next such day, today included; None when it exists in neither year."""
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def _time(clause: Sequence[str]) -> time | None:
    """The time of day in a clause with a day."""
    for at, token in enumerate(clause):
        before = clause[at - 1] if at else ""
        if token in TIMES and not (before and before[0].isdigit()):
            hour = TIMES[token]
            return time(12) if before == "до" and hour == TIMES["обеда"] else time(hour)
        behind = clause[at + 1] if at + 1 < len(clause) else ""
        clock = CLOCK.fullmatch(token)
        if clock is None or behind in MONTHS or behind in ("числа", "число", "шт"):
            continue
        if before in ("до", "к", "в", "около", "by", "at", "после") or behind in PARTS or clock[2]:
            return _clock(int(clock[1]), int(clock[2] or 0), behind)
    return None


def _clock(hour: int, minute: int, part: str) -> time | None:
    if part in ("вечера", "дня") and hour < 12:
        hour += 12
    return time(hour, minute) if hour <= 23 and minute <= 59 else None
