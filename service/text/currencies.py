"""Sums in another currency than the queue's are no price here.

The client's exchange rate is unknown, so such words leave the sum unknown.
"""

import re
from functools import lru_cache

# Written after an amount; those in BEFORE are also written before it.
AFTER = {
    "USD": r"usd|доллар[а-я]{0,3}|бакс[а-я]{0,3}|у\.?\s?е\.?|dollars?|bucks|\$",
    "EUR": r"eur|евро|euros?|€",
    "GBP": r"gbp|фунт[а-я]{0,2}\sстерлингов|£",
    "CNY": r"cny|rmb|юан[а-я]{1,3}|yuan|¥",
    "JPY": r"jpy|иен[а-я]{0,2}|yen",
    "KZT": r"kzt|тенге|теңге|тг|₸",
    "UAH": r"uah|грн\.?|грив[а-я]{1,4}|₴",
    "BYN": r"byn|бел(?:\.|орусских)\s?руб[а-я]{0,3}",
    "TRY": r"лир[аыу]?|₺",
    "AMD": r"amd|драм(?:ов|а)?|֏",
    "GEL": r"gel|лари|₾",
    "PLN": r"pln|злот[а-я]{1,3}|zł",
    "RUB": r"rub|rubles?|руб[а-я]{0,5}\.?|₽",
}
BEFORE = {"USD": r"usd|\$", "EUR": r"eur|€", "GBP": r"gbp|£", "CNY": r"cny|¥", "KZT": r"kzt|₸"}
AMOUNT = r"[0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3}){1,3}(?![0-9])|[0-9]{1,10}(?:[.,][0-9]{1,2})?"
RANGE = rf"(?:{AMOUNT})(?:\s?[-–—]\s?(?:{AMOUNT}))?"
TIMES = r"(?:\s?(?:[кk]|тыс(?:яч[аиу]?)?\.?|тыщ[аи]?|млн|миллион(?:а|ов)?|thousand))?"
END = r"(?![а-яёa-z0-9])"
OLD_CODES = {"RUR": "RUB", "BYR": "BYN"}
ANY = re.compile("|".join((*AFTER.values(), *BEFORE.values())))


def present_code(code: str) -> str:
    """The code of a currency now; some programs still send those of before 1998 and 2016."""
    return OLD_CODES.get(code, code)


def without_foreign(text: str, currency: str) -> str:
    """A lower-case text with blanks in place of sums in other currencies."""
    if ANY.search(text) is None:
        return text
    return _foreign(currency).sub(lambda found: " " * len(found[0]), text)


@lru_cache(64)
def _foreign(currency: str) -> re.Pattern[str]:
    after = "|".join(words for name, words in AFTER.items() if name != currency)
    before = "|".join(words for name, words in BEFORE.items() if name != currency)
    return re.compile(
        rf"(?<![0-9.,])(?:{RANGE}){TIMES}\s?(?:{after}){END}"
        rf"|(?<![а-яёa-z0-9])(?:{before})\s?(?:{RANGE}){TIMES}{END}"
    )
