"""Writes sums in words and in slang as digits: "три с половиной тысячи", "за двадцатку"."""

import re
from collections.abc import Sequence

from service.text.tokens import listed

# A text without any of these has no sum in words.
SPOKEN_SUM = (
    "предел|край|бюджет|сумм|ценник|потолок|дороже|не больше|т[ыи]с|тыщ|тыр|косар|рубл|пятихат"
    "|[дц]атк|десятк|сотк|полтин|полтос|полтораш|пятнаш|тридцатн|п[яи]т[её]р|лям|миллион"
)

MAYBE_SPOKEN = re.compile(f"{SPOKEN_SUM}|руб")

SMALL: dict[str, float] = {
    **dict.fromkeys(listed("полторы полтора полутора"), 1.5),
    **dict.fromkeys(listed("один одна одну одной"), 1),
    **dict.fromkeys(listed("две два двух пару пара пары парочку"), 2),
    **dict.fromkeys(listed("три трех"), 3),
    **dict.fromkeys(listed("четыре четырех"), 4),
    **dict.fromkeys(listed("пять пяти"), 5),
    **dict.fromkeys(listed("шесть шести"), 6),
    **dict.fromkeys(listed("семь семи"), 7),
    **dict.fromkeys(listed("восемь восьми"), 8),
    **dict.fromkeys(listed("девять девяти"), 9),
    **dict.fromkeys(listed("десять десяти десятку десятка десяток"), 10),
    **dict.fromkeys(listed("одиннадцать одиннадцати"), 11),
    **dict.fromkeys(listed("двенадцать двенадцати"), 12),
    **dict.fromkeys(listed("тринадцать тринадцати"), 13),
    **dict.fromkeys(listed("четырнадцать четырнадцати"), 14),
    **dict.fromkeys(listed("пятнадцать пятнадцати"), 15),
    **dict.fromkeys(listed("шестнадцать шестнадцати"), 16),
    **dict.fromkeys(listed("семнадцать семнадцати"), 17),
    **dict.fromkeys(listed("восемнадцать восемнадцати"), 18),
    **dict.fromkeys(listed("девятнадцать девятнадцати"), 19),
    **dict.fromkeys(listed("двадцать двадцати"), 20),
    **dict.fromkeys(listed("тридцать тридцати"), 30),
    **dict.fromkeys(listed("сорок сорока"), 40),
    **dict.fromkeys(listed("пятьдесят пятидесяти полтинник полтос полсотни"), 50),
    **dict.fromkeys(listed("шестьдесят шестидесяти"), 60),
    **dict.fromkeys(listed("семьдесят семидесяти"), 70),
    **dict.fromkeys(listed("восемьдесят восьмидесяти"), 80),
    **dict.fromkeys(listed("девяносто девяноста"), 90),
    **dict.fromkeys(listed("сто ста сотку сотня сотни сотню"), 100),
    **dict.fromkeys(listed("двести двухсот"), 200),
    **dict.fromkeys(listed("триста трехсот"), 300),
    **dict.fromkeys(listed("четыреста четырехсот"), 400),
    **dict.fromkeys(listed("пятьсот пятисот"), 500),
    **dict.fromkeys(listed("шестьсот шестисот"), 600),
    **dict.fromkeys(listed("семьсот семисот"), 700),
    **dict.fromkeys(listed("восемьсот восьмисот"), 800),
    **dict.fromkeys(listed("девятьсот девятисот"), 900),
}
# Slang for thousands; words that also name cars count only next to words of money.
TENS: dict[str, float] = {
    **dict.fromkeys(listed("полторашку полторашка полторашки"), 1.5),
    **dict.fromkeys(listed("пятерку пятерка пятерки пятеру пятера пятеры"), 5),
    **dict.fromkeys(listed("десятку десятка десятки"), 10),
    **dict.fromkeys(listed("пятнашку пятнашка"), 15),
    **dict.fromkeys(listed("двадцатку двадцатка двадцатки"), 20),
    **dict.fromkeys(listed("тридцатку тридцатка тридцатки тридцатник"), 30),
    **dict.fromkeys(listed("сороковник сороковку"), 40),
    **dict.fromkeys(listed("полтинник полтинника полтос"), 50),
    **dict.fromkeys(listed("сотку сотка сотки"), 100),
}
SLANG_PARTS = frozenset(word[:4] for word in TENS)


def _any(words: Sequence[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


NAMES = _any(tuple(SMALL))
HUNDREDS = _any([word for word, value in SMALL.items() if value >= 100])
THOUSAND = r"(?:тысяч[аиу]?|тыщ[аиу]?|тыс\.?|тыр(?:ов|а)?|косар(?:ей|я|ь)|кусков|рублей\sтысяч)"
UNIT = rf"(?:{THOUSAND}|миллион(?:а|ов)?|лям(?:а|ов)?|лимон(?:а|ов)?|рубл(?:ей|я|ь)|руб\.?|р)"
HUNDREDS_IN_TWO = re.compile(
    rf"(?<!\w)(?P<count>полтор[аы]|{NAMES}|[0-9])\sсот(?:ни|ен|ню)\s(?={UNIT}(?!\w))"
)
ENDED = re.compile(r"(?<=[0-9])\s?-?(?:х|ти|ми|и|ух|ех)\s(?=т[ыи]с|тыщ|косар|руб|лям|млн)")
AND_A_HALF = re.compile(rf"(?<!\w)(?P<whole>{NAMES}|[0-9]{{1,3}})\sс\sполовиной\s(?={UNIT}(?!\w))")
# Without a unit, where only money can be meant: "ценник до двух с половиной", "бюджет пять".
MONEY = r"бюджет|сумма|ценник|потолок|не\s(?:дороже|больше|более)"
NO_UNIT = re.compile(
    rf"(?<!\w)(?P<before>(?:{MONEY})(?:\s(?:до|в|на|около|примерно|максимум|где-то|не\sбольше)){{0,2}})\s"
    rf"(?P<words>(?:{NAMES})(?:\s(?:{NAMES}))?)(?P<half>\sс\sполовиной)?(?=\s?(?:[,.!?;\n]|$))"
)
NO_UNIT_BEHIND = re.compile(  # "двадцать пять мой предел"
    rf"(?<!\w)(?P<words>(?:{NAMES})(?:\s(?:{NAMES}))?)\s"
    r"(?=(?:мой\s|наш\s)?(?:предел|потолок|край|максимум)(?!\w|\s(?:[а-я]+\s)?(?:шт|дн|час|мин|лет|год)))"
)
AND_SOME = re.compile(  # "3 тысячи 200 рублей"
    r"(?<![\w.,])(?P<thousands>[0-9]{1,3})\s?(?:тысяч[аи]?|тыщ[аи]?|тыс\.?)\s(?P<rest>[0-9]{2,3})(?=\s?р)"
)
MILLION_AND = re.compile(
    rf"(?<!\w)(?:(?P<millions>{NAMES}|[0-9]{{1,3}})\s)?(?:миллион(?:а|ов)?|лям(?:а|ов)?)\s"
    rf"(?P<rest>(?:{HUNDREDS})(?:\s(?:{NAMES}))?)(?!\w)(?!\sруб)(?:\s{THOUSAND})?"
)
HALF = re.compile(
    r"(?<!\w)пол(?P<of>\s?(?:миллиона|ляма|лимона|млн)|\s?тысячи|\s?тыщи|(?:тора?|торы|утора)\s"
    r"(?=тыс|тыщ|косар|лям|миллион))"
)
ONE_OR_MORE = re.compile(r"(?<!\w)(?:тысяч[ау]|тыщ[ау])\s?[-–—]\s?полтор[ыа](?!\w)")
COMPOUND = re.compile(
    rf"(?<!\w)(?:(?P<thousands>{NAMES}|[0-9]{{1,3}})\s)?(?:тысяч[аиу]?|тыщ[аиу]?)\s"
    rf"(?P<rest>(?:{HUNDREDS})(?:\s(?:{NAMES}))?)(?!\w)(?!\s(?:тыс|тыщ))(?:\s?руб\w*)?"
)
SPOKEN = re.compile(rf"(?<!\w)(?P<words>(?:(?:{NAMES})(?:\s?[-–—]\s?|\s)){{1,3}})(?={UNIT}(?!\w))")
SPOKEN_BEHIND = re.compile(
    r"(?<!\w)(?P<unit>тысяч[аиу]?|тыщ[аиу]?|рублей|штук(?=\sза\s))\s(?:за|до|в|на|около|примерно|где-то)?\s?"
    rf"(?P<words>(?:{NAMES})(?:\s?[-–—\s]\s?(?:{NAMES}))?)(?!\w)"
)
ALONE = re.compile(
    r"(?<!\w)(?<![0-9]\s)(?<![0-9])(?<!пол\s)(?P<unit>тысяч[уа]|тыщ[ау]|косарь|косаря|лям|миллион)"
    r"(?!\w)(?!\s(?:за|до|в|на)?\s?[0-9])"
)
SLANG = re.compile(
    r"(?<!\w)(?P<before>за|до|максимум|макс|пределах|бюджет|около|примерно|уложит[а-я]{1,3}(?:\sбы)?\sв"
    r"|не\s(?:дороже|больше|более)|дороже|потолок|районе|готова?\s(?:отдать|потратить|заплатить)|потратить)\s"
    rf"(?P<word>{_any(tuple(TENS))})(?!\w)"
)
SLANG_BEFORE = re.compile(
    rf"(?<!\w)(?P<before>есть\s)?(?P<word>{_any(tuple(TENS))})\s"
    r"(?=(?:за|максимум|потолок|рублей|руб)(?!\w)|(?P<on>на)\s)"
)
# "есть двадцатка": only slang that is no car's name.
IN_HAND = _any(
    listed(
        "полторашка полторашку пятера пятеру пятнашка пятнашку двадцатка двадцатку тридцатка "
        "тридцатку тридцатник полтинник полтос"
    )
)
HAS_IN_HAND = re.compile(
    rf"(?<!\w)(?:есть\s(?P<word>{IN_HAND})|(?P<before>{IN_HAND})\sесть)(?!\w)(?!\s(?:за|на)\s)"
    rf"|(?<!\w)(?P<given>{IN_HAND})\s(?=(?:готов[аы]?|дам|отдам|потяну|край|хватит)(?!\w))"
)
SLANG_BEHIND = re.compile(
    rf"(?<!\w)в\s(?P<word>{_any(tuple(TENS))})\s(?=(?:уложи[а-я]{{1,5}}|влез[а-я]{{1,3}}|впиш[а-я]{{1,4}})(?!\w))"
)
FIVE_HUNDRED = re.compile(r"(?<!\w)пятихат(?:к[а-я]{1,2}|ок)(?!\w)")


def with_digits(text: str) -> str:
    """The text with spoken sums in digits, where a unit or a word of money is next to them."""
    if MAYBE_SPOKEN.search(text) is None:
        return text
    if "сот" in text:
        text = HUNDREDS_IN_TWO.sub(lambda match: f"{_value(match['count']) * 100:g} ", text)
    text = ENDED.sub(" ", text)
    if "половин" in text:
        text = AND_A_HALF.sub(lambda match: f"{_value(match['whole']) + 0.5:g} ", text)
    if "пол" in text:
        text = HALF.sub(_half, text)
        text = ONE_OR_MORE.sub("1.5 тысячи", text)
    text = AND_SOME.sub(_and_some, text)
    if "лям" in text or "миллион" in text:
        text = MILLION_AND.sub(_million_and, text)
    if "ты" in text:
        text = COMPOUND.sub(_compound, text)
    text = SPOKEN.sub(lambda match: f"{_spoken(match['words']):g} ", text)
    text = SPOKEN_BEHIND.sub(_spoken_behind, text)
    text = FIVE_HUNDRED.sub("500 р", text)
    if any(part in text for part in SLANG_PARTS):
        text = _without_slang(text)
    text = NO_UNIT.sub(_in_thousands, text)
    text = NO_UNIT_BEHIND.sub(lambda match: f"{_spoken(match['words']):g} тысяч ", text)
    return ALONE.sub(r"1 \g<unit>", text)


def _without_slang(text: str) -> str:
    text = SLANG.sub(lambda match: f"{match['before']} {TENS[match['word']]:g} тысяч", text)
    text = SLANG_BEHIND.sub(lambda match: f"до {TENS[match['word']]:g} тысяч ", text)
    text = HAS_IN_HAND.sub(
        lambda match: f"до {TENS[match['word'] or match['before'] or match['given']]:g} тысяч ",
        text,
    )
    return SLANG_BEFORE.sub(_slang_before, text)


def _spoken_behind(match: re.Match[str]) -> str:
    unit = "тысяч" if match["unit"].startswith("штук") else match["unit"]
    return f"{_spoken(match['words']):g} {unit}"


def _half(match: re.Match[str]) -> str:
    of = match["of"].strip()
    if of.startswith(("тыс", "тыщ")):
        return "500 р"
    return "1.5 " if of.startswith(("т", "ут")) else "500 тысяч"


def _and_some(match: re.Match[str]) -> str:
    return f"{int(match['thousands']) * 1000 + int(match['rest'])}"


def _million_and(match: re.Match[str]) -> str:
    """ "лям двести": the rest is in thousands."""
    millions = 1.0 if match["millions"] is None else _value(match["millions"])
    return f"{millions * 1000 + _spoken(match['rest']):g} тысяч"


def _in_thousands(match: re.Match[str]) -> str:
    amount = _spoken(match["words"]) + (0.5 if match["half"] else 0)
    unit = " рублей" if amount >= 100 else " тысяч"
    return f"{match['before']} {amount:g}{unit}"


def _compound(match: re.Match[str]) -> str:
    thousands = 1.0 if match["thousands"] is None else _value(match["thousands"])
    return f"{thousands * 1000 + _spoken(match['rest']):g} рублей"


def _slang_before(match: re.Match[str]) -> str:
    if match["on"] and not match["before"]:
        return match[0]
    return f"{match['before'] or ''}{TENS[match['word']]:g} тысяч "


def _spoken(written: str) -> float:
    """The last number: "двадцать пять" is one number, "пять-семь" and "пять семь" are two."""
    total = last = 0.0
    for word in re.split(r"[\s–—-]+", written.strip(" -–—")):
        value = SMALL[word]
        joins = last >= 20 and value < (10 if last < 100 else 100)
        total, last = (total + value if joins else value), value
    return total


def _value(word: str) -> float:
    return float(word) if word.isdigit() else SMALL[word]
