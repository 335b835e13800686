"""Sums of money in a text: "до 20 000", "тысяч за пять", "3 косаря", "бюджет двадцать тысяч".

Repetitions in the patterns are bounded or possessive: reading takes time in proportion to the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from service.text.tokens import listed

MAX_PRICE = Decimal(1_000_000_000)
CENT = Decimal("0.01")
FEWEST_BARE = 4  # digits
LEAST_BARE, MAX_BARE, ROUND = 1000, 300_000, 50  # a bare number that may be a price
LEAST_WEAK, MAX_LIMIT = 300, 10_000_000  # "до 12" is a time, more than that an article
LEAST_PLAIN = 1000  # "бюджет 100" may well mean thousands
FIRST_YEAR, LAST_YEAR = 1950, 2040

AMOUNT = (
    r"(?:[0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3}){1,3}(?![0-9])(?:,[0-9]{2}(?![0-9]))?"  # 20 000,50
    r"|[0-9]{1,10}(?:[.,][0-9]{1,2}(?![0-9]))?)"  # 1,5
)
THOUSANDS = (
    r"(?P<thousands>[кk](?![а-яёa-z0-9])|\s?т\.?\s?(?=р(?:\b|уб))|\s?тр\b|\s?ты[сщ](?:\.|яч[аиу]?|[аи])?(?![а-я])"
    r"|\s?тыр\b|\s?косар[а-я]{0,3}\b|\s?штук[аиу]?\s?(?=руб)|\s?кусков\b|\s?рубасов\s?тыс|\s?thousand|\s?мың)"
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
    r"ватт|вт\b|залп|кг|градус|°|лс\b|л\.с|кубов|[:/xх]\s?[0-9]))(?!-?[а-яёa-z])"
)
RANGE = rf"(?:(?:от\s)?{AMOUNT}\s?[кk]?\s?(?:[-–—]|до)\s?)?"
PRICE = re.compile(
    rf"(?<![\w.,])(?<!\w-){RANGE}(?P<amount>{AMOUNT})(?![0-9])"
    rf"(?:(?:{THOUSANDS}|{MILLIONS})(?!\.?\s?(?:км|километ|пробег|миль|шт|об\b|доллар|бакс|евро|\$|€|usd|eur"
    rf"|человек|гост|лет\b|год))|{ROUBLES})"
)
STRONG = (
    r"бюджет[а-я]{0,2}|сумм[аеуы]|потолок|максимум|макс\.?|не\s(?:дороже|больше|более|выше|свыше)(?:\sчем)?"
    r"|дороже|в\sпределах|в\sрайоне|рассчитываю\sна|уложит[а-я]{1,3}(?:\sбы)?\sв|готова?\s(?:на|отдать|заплатить)"
    r"|дешевле|цена до|имеется|budget|price up to|max|up to"
)
WEAK = r"до|за|около|примерно|порядка|где-то|цена|ценой|стоимость[ю]?|under|for"
BUDGET = re.compile(
    rf"(?<!\w)(?:(?P<strong>{STRONG})|{WEAK})"
    r"(?:\s|[:=~—–-]|(?:до|около|примерно|в|максимум|максималка|не более|не больше|of|is|up to|"
    r"где-то|рублей|руб|тыщ|у меня|на|всего|это|будет)(?!\w)){1,6}"
    r"(?:[а-яё]{3,14}\s(?![а-яё]))?"
    rf"{RANGE}(?P<amount>{AMOUNT})(?![\w/])(?!-[0-9]){NO_MONEY}"
)
UNIT_FIRST = re.compile(
    r"(?<![0-9])(?<![0-9]\s)(?<!\w)(?P<unit>тысяч[аиу]?|тыщ[аи]?|тыс\.?|косар[а-я]{0,3}|рублей|руб\.?|лям[а-я]{0,2})"
    rf"\s(?:за|до|в|на|около|примерно|по|с)?\s?(?:{AMOUNT}\s?[-–—]\s?)?(?P<amount>{AMOUNT})(?![\w/])(?!\s?(?:тыс|шт|км))"
)
BARE = re.compile(
    rf"(?<![\w.,/№#+-])(?<![\w)]\s[-–—])(?P<amount>{AMOUNT})(?![\w/.,)]\S)(?![\w/])(?!-[0-9]){NO_MONEY}"
)
NOT_BEFORE_BARE = re.compile(
    r"(?:пробег\w{0,2}|прош(?:ла|ел|ёл)|проехал[аи]?|накатал[аи]?|артикул\w?|арт\.?|номер\w?|заказ\w{0,2}|код|"
    r"каталожный|год\w?|vin|вин|кузов\w?|тел\w{0,6}\.?|звонит[еь]|мотор|двигатель|двс|на|№|#|[a-z0-9-]{2,})\W{1,3}$"
)
MILEAGE = re.compile(
    r"(?:пробег\w{0,2}|пробеге|прош(?:ла|ел|ёл)|проехал[аи]?|накатал[аи]?|одометр\w?)\W{1,3}(?:до\s|около\s|за\s)?$"
)
ORDER = re.compile(r"(?:заказ\w{0,2}|номер\w?|артикул\w?|арт\.?|№|#)\W{0,3}(?:за\s|до\s)?$")
WIDTH = 22

TENS = {"пятерку": 5, "пятеру": 5, "десятку": 10, "двадцатку": 20, "тридцатку": 30, "полтинник": 50}
UNITS = "тысяч тысячи тыщ тыщи тыс косарей косаря миллиона миллионов рублей рубля руб р"
SMALL: dict[str, float] = {
    **dict.fromkeys(listed("полторы полтора полутора"), 1.5),
    **dict.fromkeys(listed("один одна одну одной"), 1),
    **dict.fromkeys(listed("две два двух пару пара"), 2),
    **dict.fromkeys(listed("три трех"), 3),
    **dict.fromkeys(listed("четыре четырех"), 4),
    **dict.fromkeys(listed("пять пяти"), 5),
    **dict.fromkeys(listed("шесть шести"), 6),
    **dict.fromkeys(listed("семь семи"), 7),
    **dict.fromkeys(listed("восемь восьми"), 8),
    **dict.fromkeys(listed("девять девяти"), 9),
    **dict.fromkeys(listed("десять десяти десятку"), 10),
    **{"одиннадцать": 11, "двенадцать": 12, "тринадцать": 13, "четырнадцать": 14, "пятнадцать": 15},
    **{"шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18, "девятнадцать": 19},
    **{"одиннадцати": 11, "двенадцати": 12, "пятнадцати": 15, "восемнадцати": 18},
    **dict.fromkeys(listed("двадцать двадцати"), 20),
    **dict.fromkeys(listed("тридцать тридцати"), 30),
    **dict.fromkeys(listed("сорок сорока"), 40),
    **dict.fromkeys(listed("пятьдесят пятидесяти полтинник полтос"), 50),
    **dict.fromkeys(listed("шестьдесят шестидесяти"), 60),
    **dict.fromkeys(listed("семьдесят семидесяти"), 70),
    **dict.fromkeys(listed("восемьдесят восьмидесяти"), 80),
    **dict.fromkeys(listed("девяносто девяноста"), 90),
    **dict.fromkeys(listed("сто ста сотку"), 100),
    **dict.fromkeys(listed("двести двухсот"), 200),
    **dict.fromkeys(listed("триста трехсот"), 300),
    **dict.fromkeys(listed("четыреста четырехсот"), 400),
    **dict.fromkeys(listed("пятьсот пятисот"), 500),
    **dict.fromkeys(listed("шестьсот шестисот"), 600),
    **dict.fromkeys(listed("семьсот семисот"), 700),
    **dict.fromkeys(listed("восемьсот восьмисот"), 800),
    **dict.fromkeys(listed("девятьсот девятисот"), 900),
}
SPOKEN = re.compile(
    rf"(?<!\w)(?P<words>(?:(?:{'|'.join(sorted(SMALL, key=len, reverse=True))})\s){{1,3}})"
    rf"(?=(?:{'|'.join(sorted(UNITS.split(), key=len, reverse=True))})(?!\w))"
)
SPOKEN_BEHIND = re.compile(
    r"(?<!\w)(?P<unit>тысячи?|тыщи?)\s(?P<prep>за|до|в|на|около|примерно)?\s?(?P<words>"
    rf"(?:{'|'.join(sorted(SMALL, key=len, reverse=True))}))(?!\w)"
)
HALF = re.compile(r"(?<!\w)(?:полтор[аы]|полутора)\s(?=тыс|тыщ|косар|лям|миллион)")
ALONE = re.compile(
    r"(?<!\w)(?<![0-9]\s)(?<![0-9])(?<!пол\s)(?P<unit>тысяч[уа]|тыщу|тыщ[а]|косарь|косаря)(?!\w)"
)
SLANG = re.compile(
    r"(?<!\w)(?P<prep>за|до|максимум|пределах|бюджет)\s(?P<word>" + "|".join(TENS) + r")(?!\w)"
)
FIVE_HUNDRED = re.compile(r"(?<!\w)пятихатк[а-я]{1,2}(?!\w)")
ANY = re.compile("[0-9]|тыс|тыщ|косар|рубл|пятихат|десятк|двадцатк|тридцатк|полтинник|пятерк")


class Firmness(IntEnum):
    """How sure it is that a number is a sum for this client to pay."""

    BARE = 0
    PRICE = 1
    LIMIT = 2


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in a text; `is_small` where it may mean thousands."""

    amount: Decimal
    at: int
    firmness: Firmness
    is_small: bool = False


def find_sum(text: str) -> Sum | None:
    """The sum that decides in a text in lower case: of the last line that has any, the limit that
    was said last, else the highest price, else a bare number.
    """
    if ANY.search(text) is None:
        return None
    text = _with_digits(text)
    found = [*_prices(text), *_limits(text), *_units_first(text)]
    if not found:
        return _bare(text)
    begins = text.rfind("\n", 0, max(each.at for each in found)) + 1
    last = [each for each in found if each.at >= begins]
    limits = [each for each in last if each.firmness is Firmness.LIMIT]
    chosen = (
        max(limits, key=lambda each: each.at) if limits else max(last, key=lambda each: each.amount)
    )
    amount = min(chosen.amount, MAX_PRICE).quantize(CENT)
    return Sum(amount, chosen.at, chosen.firmness, chosen.is_small)


def _with_digits(text: str) -> str:
    """The text with spoken sums in digits, where a unit stands beside them."""
    text = HALF.sub("1.5 ", text)
    text = SPOKEN.sub(
        lambda match: f"{sum(SMALL[word] for word in match['words'].split()):g} ", text
    )
    text = SPOKEN_BEHIND.sub(lambda match: f"{SMALL[match['words']]:g} {match['unit']}", text)
    text = FIVE_HUNDRED.sub("500 р", text)
    text = SLANG.sub(lambda match: f"{match['prep']} {TENS[match['word']]} тысяч", text)
    return ALONE.sub(r"1 \g<unit>", text)


def _prices(text: str) -> Iterator[Sum]:
    for match in PRICE.finditer(text):
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
    for match in BUDGET.finditer(text):
        amount, strong = _number(match["amount"]), match["strong"] is not None
        before = text[max(0, match.start() - WIDTH) : match.start()]
        if MILEAGE.search(before) or ORDER.search(before) or not 0 < amount <= MAX_LIMIT:
            continue
        is_year = FIRST_YEAR <= amount <= LAST_YEAR and amount % 100 != 0
        if strong or (amount >= LEAST_WEAK and not is_year):
            yield Sum(
                amount, match.start("amount"), Firmness.LIMIT, strong and amount < LEAST_PLAIN
            )


def _units_first(text: str) -> Iterator[Sum]:
    for match in UNIT_FIRST.finditer(text):
        unit = match["unit"]
        times = 1 if unit.startswith("руб") else 1_000_000 if unit.startswith("лям") else 1_000
        amount = _number(match["amount"])
        if amount > 0 and (times == 1 or amount < LEAST_PLAIN):
            yield Sum(amount * times, match.start(), Firmness.LIMIT)


def _bare(text: str) -> Sum | None:
    """The highest round number that no word explains."""
    best: Sum | None = None
    for match in BARE.finditer(text):
        if len(match["amount"]) < FEWEST_BARE:
            continue
        amount = _number(match["amount"])
        if not LEAST_BARE <= amount <= MAX_BARE or amount % ROUND or _is_year(amount):
            continue
        if NOT_BEFORE_BARE.search(text[max(0, match.start() - WIDTH) : match.start()]):
            continue
        if best is None or amount > best.amount:
            best = Sum(amount.quantize(CENT), match.start(), Firmness.BARE)
    return best


def _is_year(amount: Decimal) -> bool:
    return FIRST_YEAR <= amount <= LAST_YEAR


def _number(written: str) -> Decimal:
    whole, comma, fraction = written.replace(" ", "").partition(",")
    if not comma and re.fullmatch(r"[0-9]+\.[0-9]{1,2}", whole):
        return Decimal(whole)
    digits = "".join(re.findall("[0-9]+", whole))
    return Decimal(f"{digits}.{fraction or 0}")
