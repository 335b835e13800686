"""Money, times and phones in the reader's notation, with non-breaking spaces."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time, get_day_names
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    parse,
)

UNBROKEN = "\u00a0"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = re.compile("|".join(DAYS))
UNITS = {
    "ru": {"s": "с", "min": "мин", "h": "ч", "d": "дн"},
    "en": {"s": "s", "min": "min", "h": "h", "d": "d"},
}


@dataclass(frozen=True, slots=True)
class Formats:
    """The notation for one reader of one queue."""

    language: str
    currency: str
    zone: ZoneInfo
    region: str | None
    now: datetime

    def money(self, value: Decimal | float | str | None, decimals: int = 2) -> str:
        """As `8 500 ₽` or `8,500 RUB`; cents only when there are any."""
        if value is None:
            return "—"
        amount = Decimal(str(value))
        digits = "0" if amount == amount.to_integral_value() else f"0.{'0' * decimals}"
        pattern = f"#,##{digits}{UNBROKEN}{'¤' if self.language == 'ru' else '¤¤'}"
        return format_currency(
            amount, self.currency, pattern, locale=self.language, currency_digits=False
        )

    def cost(self, value: float) -> str:
        """The cost of a minute: whole from 10 up, one decimal below."""
        if value < 1:
            return f"<{UNBROKEN}{self.money(1)}"
        return self.money(round(Decimal(str(value)), 0 if value >= 10 else 1), 1)

    def short_money(self, value: float) -> str:
        """As `38 тыс. ₽`, for charts and figures."""
        if abs(value) < 10_000:
            return self.money(round(Decimal(str(value))))
        if self.language == "ru":
            shown = format_compact_currency(
                value, self.currency, locale=self.language, fraction_digits=0
            )
            return shown.replace(" ", UNBROKEN)
        compact = format_compact_decimal(value, locale=self.language)
        return f"{compact}{UNBROKEN}{self.currency}"

    def number(self, value: float) -> str:
        """As `12 345,6`."""
        return format_decimal(value, "#,##0.##", locale=self.language)

    def percent(self, share: float) -> str:
        """As `45 %`."""
        return format_percent(share, locale=self.language)

    def duration(self, seconds: float) -> str:
        """As `36 с`, `12 мин`, `5 ч 20 мин`, `2 дн`."""
        units, whole = UNITS[self.language], max(0, int(seconds))
        if whole < 60:
            return f"{whole}{UNBROKEN}{units['s']}"
        minutes = whole // 60
        if minutes < 60:
            return f"{minutes}{UNBROKEN}{units['min']}"
        hours, minutes = divmod(minutes, 60)
        if hours < 48:
            rest = f"{UNBROKEN}{minutes}{UNBROKEN}{units['min']}" if minutes and hours < 10 else ""
            return f"{hours}{UNBROKEN}{units['h']}{rest}"
        return f"{hours // 24}{UNBROKEN}{units['d']}"

    def brief(self, moment: datetime) -> str:
        """How long ago it was, in its largest unit, for figures read from afar."""
        seconds = (self.now - moment).total_seconds()
        return self.duration(seconds - seconds % 3600 if seconds >= 3600 else seconds)

    def days(self, written: str) -> str:
        """Days of a week: `mon-fri` of a policy becomes `пн–пт`."""
        names = get_day_names("abbreviated", locale=self.language)
        return DAY.sub(lambda found: names[DAYS.index(found[0])], written).replace("-", "–")

    def since(self, moment: datetime) -> str:
        """How long ago it was."""
        return self.duration((self.now - moment).total_seconds())

    def until(self, moment: datetime) -> str:
        """How long it is until then."""
        return self.duration((moment - self.now).total_seconds())

    def moment(self, at: datetime) -> str:
        """As `14:35` today, else `27 нояб., 14:35`, else with the year; in the shop's time zone."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        clock = format_time(local, "HH:mm", locale=self.language)
        if local.date() == today.date():
            return clock
        if abs(local - today) < timedelta(days=300):
            return f"{format_datetime(local, 'd MMM', locale=self.language)}, {clock}"
        return str(format_datetime(local, "dd.MM.yyyy HH:mm", locale=self.language))

    def clock(self, at: datetime) -> str:
        """As `14:35`."""
        return format_time(at.astimezone(self.zone), "HH:mm", locale=self.language)

    def phone(self, number: str) -> str:
        """A number as the queue's region writes it; foreign numbers in international notation."""
        try:
            found = parse(number, self.region)
        except NumberParseException:
            return number
        written = format_number(found, PhoneNumberFormat.INTERNATIONAL)
        return written.replace(" ", UNBROKEN)


def read_sum(written: str) -> Decimal | None:
    """A sum as people type it: `8 500`, `8500,50`, `8,500.00`; None for any other text."""
    plain = "".join(written.split()).replace("₽", "").replace("руб.", "").replace("'", "")
    if plain.count(",") == 1 and "." not in plain and len(plain.rpartition(",")[2]) <= 2:
        plain = plain.replace(",", ".")
    plain = plain.replace(",", "")
    if plain.count(".") > 1 or not all(sign in "0123456789." for sign in plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
