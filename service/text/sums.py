"""Sums of money in a text: "до 20 000", "тысяч за пять", "3 косаря", "бюджет двадцать тысяч".

Repetitions in the patterns are bounded or possessive, and of each sort only the last MAX_SUMS are
weighed, so reading takes linear time.
"""

import re
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from service.leads.lead import HIGHEST_MONEY
from service.text.spoken_sums import SPOKEN_SUM, with_digits

CENT = Decimal("0.01")
MAX_SUMS = 200  # nobody names so many, and the last ones count
FEWEST_BARE = 4  # digits
LEAST_BARE, MAX_BARE, ROUND = 1000, 300_000, 50  # a bare number that may be a price
LEAST_WEAK, MAX_LIMIT = (
    300,
    10_000_000,
)  # "до 12" is a time; above the greatest, it is an article number
CLOSE = 5  # times: how far a second sum may be from the first
LEAST_PLAIN = 1000  # "бюджет 100" may well mean thousands
FIRST_YEAR, LAST_YEAR = 1950, 2040

AMOUNT = (
    r"(?:[0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3}){1,3}(?![0-9])(?:,[0-9]{2}(?![0-9]))?"  # 20 000,50
    r"|[0-9]{1,10}(?:[.,][0-9]{1,2}(?![0-9]))?)"  # 1,5
)
THOUSANDS = (
    r"(?P<thousands>[кk](?![а-яёa-z0-9])|\s?т\.?\s?(?=р(?:\b|уб))|\s?тр\b|\s?ты[сщ](?:\.|яч[аиу]?|[аиу])?(?![а-я])"
    r"|\s?тыр(?:ов|а)?\b|\s?косар[а-я]{0,3}\b|\s?штук[аиу]?\s?(?=руб)|\s?кусков\b|\s?рубасов\s?тыс|\s?thousand|\s?мың)"
)
MILLIONS = r"(?P<millions>\s?(?:млн|миллион(?:а|ов)?|лям(?:а|ов)?)\b\.?)"
ROUBLES = (
    r"\s?(?:₽|[рp](?:уб(?:\.|л[а-я]{1,3}|ас[а-я]{0,2}|чик[а-я]{0,2})?)?(?!-?[а-яa-z0-9])|(?:rub|rubles?)\b"
    r"|деревянных|тенге|тг\b|грн\b)"
)
NO_MONEY = (
    r"(?!\.?\s?(?:км|километ|пробег|миль|шт|об\b|оборот|человек|чел\b|гост|раз\b|лет\b|год|г\b|г\.|гв\b|л\b|мм\b|см\b|"
    r"доллар|бакс|евро|\$|€|usd|eur|дн|день|час|недел|мин|месяц|утра|вечера|ноч|числ|январ|феврал|"
    r"март|апрел|ма[йя]\b|июн|июл|август|сентябр|октябр|ноябр|декабр|%|процент|литр|вольт|ампер|ач\b|"
    r"ватт|вт\b|залп|кг|градус|°|лс\b|л\.с|кубов|бар\b|атм|psi|[:/xх]\s?[0-9]))(?!-?[а-яёa-z])"
)
RANGE = rf"(?:(?:от\s)?{AMOUNT}\s?[кk]?\s?(?:[-–—]|до)\s?)?"
PRICE = re.compile(
    rf"(?<![\w.,])(?<!\w-){RANGE}(?P<amount>{AMOUNT})(?![0-9])"
    rf"(?:(?:{THOUSANDS}|{MILLIONS})(?!\.?\s?(?:км|километ|пробег|миль|шт|об\b|доллар|бакс|евро|\$|€|usd|eur"
    rf"|человек|гост|лет\b|год|прош[её]?л|проех|пробеж|накат|наезд"
    rf"|наезж|отъезд|(?:от|про)ход|на одом|на спид))|{ROUBLES}"
    r"|(?=\s(?:за\sшт|каждый\b|каждая\b|каждое\b)))"
)
WITH_A_UNIT = re.compile(r"[0-9]\s?(?:₽|[^\W\d_])")  # else there is no price
STRONG = (
    r"бюджет[а-я]{0,2}|сумм[аеуы]|потолок|максимум|макс\.?|не\s(?:дороже|больше|более|выше|свыше)(?:\sчем)?"
    r"|дороже|в\sпределах|в\sрайоне|рассчитываю\sна|уложит[а-я]{1,3}(?:\sбы)?\sв|готова?\s(?:на|отдать|заплатить)"
    r"|дешевле|цена до|имеется|budget|price up to|max|up to"
)
WEAK = r"на вс[её]|до|за|около|примерно|порядка|где-то|цена|ценой|стоимость[ю]?|under|for"
BUDGET = re.compile(
    rf"(?<!\w)(?:(?P<strong>{STRONG})|{WEAK})"
    r"(?:\s|[:=~—–-]|(?:до|около|примерно|в|максимум|максималка|не более|не больше|of|is|up to|"
    r"где-то|рублей|руб|тыщ|у меня|на|всего|это|будет)(?!\w)){1,6}"
    r"(?:[а-яё]{3,14}\s(?![а-яё]))?"
    rf"{RANGE}(?P<amount>{AMOUNT})(?:(?P<thousands>\s?т)(?![\w/])\.?|(?![\w/]))(?!-[0-9])"
    rf"(?!\s?(?:ты[сщр]|косар|млн|миллион|лям)){NO_MONEY}"
)
ANOTHER = re.compile(
    rf"(?<!\w)(?:до|за|могу|можно|максимум|потолок|тогда|хотя\sбы)\s(?P<amount>[0-9]{{1,3}})(?![\w/.,:])(?!-[0-9]){NO_MONEY}"
)
LIMIT_WORD = re.compile(r"[0-9],?\s(?:мой|наш|пред|макс|пото|край|от с|не б|не д|не в|бол)")
LIMIT_BEHIND = re.compile(
    rf"(?<![\w.,/-]){RANGE}(?P<amount>{AMOUNT}),?\s"
    r"(?:мой\s|наш\s)?(?:предел|максимум|макс|потолок|край|от силы|не (?:больше|дороже|выше)"
    r"|больше н(?:е дам|ет|е могу))(?!\w)"
)
UNIT_FIRST = re.compile(
    r"(?<![0-9])(?<![0-9]\s)(?<!\w)(?P<unit>тысчон[а-я]{1,2}|тысяч[аиу]?|тыщ[аи]?|тыс\.?"
    r"|косар[а-я]{0,3}|рублей|руб\.?|лям[а-я]{0,2}|штук(?=\sза\s))"
    rf"\s(?:за|до|в|на|около|примерно|по|с)?\s?(?:{AMOUNT}\s?[-–—]\s?)?(?P<amount>{AMOUNT})(?![\w/])(?!\s?(?:тыс|шт|км))"
)
BARE = re.compile(
    rf"(?<![\w.,/№#+-])(?<![\w)]\s[-–—])(?P<amount>{AMOUNT})(?![\w/.,)]\S)(?![\w/])(?!-[0-9]){NO_MONEY}"
)
OF_FOUR_DIGITS = re.compile(r"[0-9][ .\u00a0\u202f]?[0-9]{3}")  # else there is no bare sum
NOT_BEFORE_BARE = re.compile(
    r"(?:пробег\w{0,2}|прош(?:ла|ел|ёл)|проехал[аи]?|накатал[аи]?|артикул\w?|арт\.?|номер\w?|заказ\w{0,2}|код|дом|кв|квартира|подъезд|офис|корпус|улица|"
    r"каталожный|год\w?|vin|вин|кузов\w?|тел\w{0,6}\.?|звонит[еь]|мотор|двигатель|двс|на|№|#|[a-z0-9-]{2,})\W{1,3}$"
)
MILEAGE = re.compile(
    r"(?:моточас\w{0,3}|наработк\w|пробежал[аи]?|намотал[аи]?|пробег\w{0,2}|прош(?:ла|ел|ли)|(?:про|от)ходил[аи]?|ходят|проехал[аи]?|(?:на|от)катал[аи]?|одометр\w?"
    r"|кажды[ей]|через|раз\sв|интервал\w?|хватило|меня(?:л|ла|ли|ю|ем)\sна)\W{1,3}"
    r"(?:до\s|около\s|за\s|на\s|сейчас\s|уже\s|всего\s)?$"
)
ORDER = re.compile(r"(?:заказ\w{0,2}|номер\w?|артикул\w?|арт\.?|№|#)\W{0,3}(?:за\s|до\s)?$")
WIDTH = 22

EACH = re.compile(
    r"[0-9][0-9 .,\u00a0]{0,14}"
    r"(?:\s?(?:тыс[а-я]{0,4}|тыщ[аи]?|т\.?\s?р|к|руб[а-я]{0,4}|р|₽)\.?){0,2}"
    r"\s?(?:кажд(?:ый|ая|ое)\b|(?:/\s?|за\s)(?:кажд(?:ую|ый|ое)\b|шт|одн[уо]\b|один\b|колесо\b))"
)

FOR_ONE = re.compile(  # "по 700 рублей за свечу"
    r"[0-9][0-9 .,\u00a0]{0,14}"
    r"(?:\s?(?:тыс[а-я]{0,4}|тыщ[аи]?|т\.?\s?р|к|руб[а-я]{0,4}|р|₽)\.?){0,2}"
    r"\sза\s(?!вс[её]|весь|пару|комплект|набор|два|две|три|оба|обе)[а-яё]{3,}"
)

ANY = re.compile(f"[0-9]|{SPOKEN_SUM}")


class Firmness(IntEnum):
    """How certain it is that a number is a sum for this client to pay."""

    BARE = 0
    PRICE = 1
    LIMIT = 2


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in a text. `is_small`: it may be in thousands. `is_each`: it is for one piece."""

    amount: Decimal
    at: int
    firmness: Firmness
    is_small: bool = False
    is_each: bool = False


def find_sum(text: str) -> Sum | None:
    """The sum that counts in a lower-case text; None when there is none.

    In the last line with sums, the last limit counts, else the highest price. Without any, a bare
    number counts.
    """
    if ANY.search(text) is None:
        return None
    text = with_digits(text)
    found = [*_prices(text), *_limits(text), *_units_first(text), *_limits_behind(text)]
    found.extend(_raised(text, found))
    if not found:
        return _bare(text)
    begins = text.rfind("\n", 0, max(each.at for each in found)) + 1
    last = [each for each in found if each.at >= begins]
    limits = [each for each in last if each.firmness is Firmness.LIMIT]
    chosen = (
        max(limits, key=lambda each: each.at) if limits else max(last, key=lambda each: each.amount)
    )
    amount = min(chosen.amount, HIGHEST_MONEY).quantize(CENT)
    is_each = EACH.match(text, chosen.at) is not None or _is_for_one(text, chosen.at)
    return Sum(amount, chosen.at, chosen.firmness, chosen.is_small, is_each)


def _is_for_one(text: str, at: int) -> bool:
    return text.endswith("по ", 0, at) and FOR_ONE.match(text, at) is not None


def _last(found: Iterable[re.Match[str]]) -> Iterable[re.Match[str]]:
    return deque(found, MAX_SUMS)


def _prices(text: str) -> Iterator[Sum]:
    if WITH_A_UNIT.search(text) is None:
        return
    for match in _last(PRICE.finditer(text)):
        amount = _number(match["amount"]) * _multiplier(match)
        before = text[max(0, match.start() - WIDTH) : match.start()]
        if amount > 0 and MILEAGE.search(before) is None:
            limit = re.search(rf"(?:{STRONG}|до)\W{{1,3}}$", before) is not None
            yield Sum(amount, match.start(), Firmness.LIMIT if limit else Firmness.PRICE)


def _multiplier(match: re.Match[str]) -> int:
    if match["millions"]:
        return 1_000_000
    return 1_000 if match["thousands"] else 1


def _limits(text: str) -> Iterator[Sum]:
    for match in _last(BUDGET.finditer(text)):
        amount, strong = _number(match["amount"]), match["strong"] is not None
        before = text[max(0, match.start() - WIDTH) : match.start()]
        if MILEAGE.search(before) or ORDER.search(before) or not 0 < amount <= MAX_LIMIT:
            continue
        is_year = FIRST_YEAR <= amount <= LAST_YEAR and amount % 100 != 0
        if match["thousands"]:
            yield Sum(amount * 1000, match.start("amount"), Firmness.LIMIT)
        elif strong or (amount >= LEAST_WEAK and not is_year):
            yield Sum(
                amount, match.start("amount"), Firmness.LIMIT, strong and amount < LEAST_PLAIN
            )


def _limits_behind(text: str) -> Iterator[Sum]:
    """ "8000 максимум", "10 не больше"."""
    if LIMIT_WORD.search(text) is None:
        return
    for match in _last(LIMIT_BEHIND.finditer(text)):
        amount = _number(match["amount"])
        if 0 < amount <= MAX_LIMIT:
            yield Sum(amount, match.start(), Firmness.LIMIT, amount < LEAST_PLAIN)


def _raised(text: str, found: Sequence[Sum]) -> Iterator[Sum]:
    """ "до 10 тысяч" … "могу до 15": it means thousands again when the sums are close."""
    if not found:
        return
    later = sorted((each.at, each.amount) for each in found if not each.is_small)
    before: list[Decimal] = []  # the amounts before the match, in order
    for match in _last(ANOTHER.finditer(text)):
        while len(before) < len(later) and later[len(before)][0] < match.start():
            insort(before, later[len(before)][1])
        amount = _number(match["amount"]) * 1000
        nearest = bisect_left(before, amount / CLOSE)
        if nearest < len(before) and before[nearest] <= CLOSE * amount:
            yield Sum(amount, match.start("amount"), Firmness.LIMIT)


def _units_first(text: str) -> Iterator[Sum]:
    for match in _last(UNIT_FIRST.finditer(text)):
        unit = match["unit"]
        times = 1 if unit.startswith("руб") else 1_000_000 if unit.startswith("лям") else 1_000
        amount = _number(match["amount"])
        if amount > 0 and (times == 1 or amount < LEAST_PLAIN):
            yield Sum(amount * times, match.start(), Firmness.LIMIT)


def _bare(text: str) -> Sum | None:
    """The highest round number that no word explains."""
    if OF_FOUR_DIGITS.search(text) is None:
        return None
    long = (match for match in BARE.finditer(text) if len(match["amount"]) >= FEWEST_BARE)
    best: Sum | None = None
    for match in _last(long):
        amount = _number(match["amount"])
        if not LEAST_BARE <= amount <= MAX_BARE or amount % ROUND or _is_year(amount):
            continue
        if best is not None and amount <= best.amount:
            continue
        before = text[max(0, match.start() - WIDTH) : match.start()]
        if NOT_BEFORE_BARE.search(before) is None and MILEAGE.search(before) is None:
            best = Sum(amount.quantize(CENT), match.start(), Firmness.BARE)
    return best


def _is_year(amount: Decimal) -> bool:
    return FIRST_YEAR <= amount <= LAST_YEAR


def _number(written: str) -> Decimal:
    if written.isdecimal():
        return Decimal(written)
    whole, comma, fraction = written.replace(" ", "").partition(",")
    if not comma and re.fullmatch(r"[0-9]+\.[0-9]{1,2}", whole):
        return Decimal(whole)
    digits = "".join(re.findall("[0-9]+", whole))
    return Decimal(f"{digits}.{fraction or 0}")
