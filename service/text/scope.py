"""Finds signals of a text that do not hold: negated, excluded, only supposed, or in the past.

A negation reaches over words without a meaning of their own. It reaches signals after it in its
clause ("не на подъёмнике"), or signals before it ("колодки не нужны", "срочности нет").
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import Enum
from operator import attrgetter

from service.leads.unchanging import unchanging
from service.text.tokens import CLAUSE_MARKS, FILLERS, SENTENCE_MARKS, listed

MAX_REACH = 8
_start_of = attrgetter("start")

FORWARD = frozenset(listed("не без кроме помимо ни no not without нема"))
ABSENCE = frozenset(
    listed("никакой никаких никакого никакая нет нету отсутствует отсутствуют немає нема жок жоқ")
)
NOT_ALONE = frozenset(listed("только просто против могу знаю помню нашел нашли нахожу вижу"))
ALSO = frozenset(listed("и или ни да and or та або"))
TURNS = frozenset(listed("а но зато однако хотя but"))
WANTED = frozenset(
    listed(
        "нужен нужна нужно нужны нужен надо требуется требуются предлагать предлагайте предлагай "
        "интересует интересуют беру берем брать взять ищу хочу хотим рассматриваю рассматривать "
        "меняю менять ставить буду будем заказываю заказывать потрібні потрібен потрібна потрібно "
        "need want трэба патрэбны патрэбен патрэбна керек покупать"
    )
)
DENIED = WANTED | frozenset(listed("будет было были будем планирую планируем собираюсь"))
BUT, NOTHING = frozenset(listed("кроме помимо")), "ничего"
HAS = frozenset(listed("уже"))
NEGATING = FORWARD | ABSENCE | HAS
HAS_IT = frozenset(
    listed(
        "есть купил купила купили взял взяли взяла поменял поменяли поменяла заменил заменили "
        "заказал заказали нашел нашли стоят стоит куплены куплен куплена заменены новые новый"
    )
)
THROUGH = (
    FILLERS
    | WANTED
    | frozenset(
        listed(
            "на в во с со по из для к ко про от до о об что чтобы сказать скажу особой особая "
            "большой такой такая никакой никакая никаких никакого собираюсь собираемся планирую "
            "планируем хотел хотели хотелось стоит необходимо стала стал будет было были бывает в "
            "каких либо больше всяких лишних нужды смысла машина авто сейчас сегодня "
            "подумайте думайте говорю говорил"
        )
    )
)
SUPPOSED = frozenset(listed("допустим предположим если вдруг ежели if якщо калі егер случай"))
MAY = frozenset(listed("можно сможу смогу ли примете вернете обменяете возможно будет возьмете"))
# With "если": the thing would be ordered, but is not ordered yet.
WOULD_BUY = frozenset(
    listed(
        "закажу закажем заказать заказывать оформлю оформить оформим куплю купить купим возьму "
        "взять возьмем оплачу оплатить оплатим сделаю order buy замовлю замовити"
    )
)
PAST = frozenset(listed("прошлый прошлом прошлого тогда раньше ранее однажды последний"))
HOPE = frozenset(
    listed(
        "надеюсь надеемся рассчитываю рассчитываем теперь этот сейчас нормально нужен нужна нужны "
        "нужно"
    )
)


# Words for another shop, whose actions the client describes.
BY_OTHERS = frozenset(listed("в у на из от"))
OTHERS = frozenset(
    listed(
        "другом другой других другого других конкурентов конкурента соседей соседнем соседнего "
        "чужом рынке рынка авито озоне вайлдберриз вб экзисте емексе автодоке официалов дилера "
        "дилеров официального разборке разборщиков перекупов перекупа маркетплейсе алиэкспресс"
    )
)


class SignalSort(Enum):
    """The sort of a signal, as far as its scope depends on it."""

    GOODS = "goods"
    STATE = "state"
    AFTER_SALE = "after_sale"
    COMPLAINT = "complaint"
    LEAVING = "leaving"
    ORDER = "order"


@unchanging
class SignalPlace:
    """The place of a signal's words in a text, and its sort."""

    start: int
    end: int
    sort: SignalSort


def negated(tokens: Sequence[str], places: Sequence[SignalPlace]) -> set[int]:
    """The numbers of the places that a negation turns off."""
    if NEGATING.isdisjoint(tokens) and all(
        place.sort is not SignalSort.LEAVING for place in places
    ):
        return set()
    cover = _cover(len(tokens), places)
    off: set[int] = set()
    for place in places:
        if place.sort is SignalSort.LEAVING:
            off.update(_goods_behind(tokens, cover, places, place.start))
    for at, token in enumerate(tokens):
        if token not in NEGATING or cover[at] >= 0:
            continue
        if token in FORWARD and not _is_not_alone(tokens, at):
            ahead = list(_ahead(tokens, cover, places, at))
            off.update(ahead or _behind_wanted(tokens, cover, places, at))
        elif token in ABSENCE:
            ahead = [
                n
                for n in _ahead(tokens, cover, places, at)
                if places[n].sort is not SignalSort.GOODS
            ]
            here = at - 1 if at and tokens[at - 1] == NOTHING else at  # "срочного ничего нет"
            behind = [
                n for n in _behind(tokens, cover, here) if places[n].sort is not SignalSort.GOODS
            ]
            off.update(behind or ahead or _complaint_behind(tokens, cover, places, at))
        elif token in HAS and at + 1 < len(tokens) and tokens[at + 1] in HAS_IT:
            off.update(_goods_behind(tokens, cover, places, at))
    return {number for number in off if places[number].sort is not SignalSort.ORDER}


def supposed(tokens: Sequence[str], places: Sequence[SignalPlace]) -> set[int]:
    """The numbers of the places about possible or past things."""
    off: set[int] = set()
    for start, end in sentences(tokens) if not SUPPOSED.isdisjoint(tokens) else ():
        words = tokens[start:end]
        begins = next((at for at, word in enumerate(words) if word in SUPPOSED), None)
        asks = end < len(tokens) and tokens[end] == "?"
        if begins is not None:
            whole = asks or not MAY.isdisjoint(words[:begins])
            off.update(_within(places, start if whole else start + begins, end, asks))
            if not WOULD_BUY.isdisjoint(words):
                off.update(_orders(places, start, end))
    for start, end in clauses(tokens) if not OTHERS.isdisjoint(tokens) else ():
        if any(_is_elsewhere(tokens, at) for at in range(start, end - 1)):
            off.update(_within(places, start, end, True, leaving=False))
    for start, end in lines(tokens) if not PAST.isdisjoint(tokens) else ():
        words = tokens[start:end]
        if not PAST.isdisjoint(words) and not HOPE.isdisjoint(words):
            off.update(_within(places, start, end, True))
    return off


def _orders(places: Sequence[SignalPlace], start: int, end: int) -> Iterator[int]:
    """ "сколько ждать, если заказать": there is no order to ask about."""
    for number in _between(places, start, end):
        if places[number].sort is SignalSort.ORDER:
            yield number


def _between(places: Sequence[SignalPlace], start: int, end: int) -> range:
    """The numbers of the places that begin there; places come in the order of the text."""
    first = bisect_left(places, start, key=_start_of)
    return range(first, bisect_left(places, end, lo=first, key=_start_of))


def _is_elsewhere(tokens: Sequence[str], at: int) -> bool:
    """ "в другом магазине", "на рынке"; but "поменять на другой" is about our own shop."""
    is_exchange = tokens[at] == "на" and tokens[at + 1].startswith("друг")
    return tokens[at] in BY_OTHERS and tokens[at + 1] in OTHERS and not is_exchange


def _within(
    places: Sequence[SignalPlace], start: int, end: int, complaints: bool, *, leaving: bool = True
) -> Iterator[int]:
    sorts = {SignalSort.AFTER_SALE}
    if leaving:
        sorts.add(SignalSort.LEAVING)
    if complaints:
        sorts.add(SignalSort.COMPLAINT)
    for number in _between(places, start, end):
        if places[number].sort in sorts:
            yield number


def _cover(count: int, places: Sequence[SignalPlace]) -> list[int]:
    cover = [-1] * count
    for number, place in enumerate(places):
        for at in range(place.start, place.end):
            cover[at] = number
    return cover


def _is_not_alone(tokens: Sequence[str], at: int) -> bool:
    """Whether nothing is excluded: "не только колодки", "не могу найти", "кроме масла ничего"."""
    if tokens[at] in BUT:
        return NOTHING in tokens[at : at + MAX_REACH]
    return at + 1 < len(tokens) and tokens[at + 1] in NOT_ALONE


def _goods_behind(
    tokens: Sequence[str], cover: Sequence[int], places: Sequence[SignalPlace], at: int
) -> Iterator[int]:
    return (n for n in _behind(tokens, cover, at) if places[n].sort is SignalSort.GOODS)


def _ahead(
    tokens: Sequence[str], cover: Sequence[int], places: Sequence[SignalPlace], at: int
) -> Iterator[int]:
    place, reached = at + 1, False
    for _ in range(MAX_REACH):
        if place >= len(tokens) or tokens[place] in CLAUSE_MARKS:
            return
        if cover[place] >= 0 and not (reached and tokens[place - 1] not in ALSO):
            reached = True
            yield cover[place]
            place = places[cover[place]].end
        elif tokens[place] in ALSO or (not reached and tokens[place] in THROUGH):
            place += 1
        else:
            return


def _behind(tokens: Sequence[str], cover: Sequence[int], at: int) -> Iterator[int]:
    place, reached = at - 1, False
    for _ in range(MAX_REACH):
        if place < 0 or tokens[place] in CLAUSE_MARKS or tokens[place] in TURNS:
            return
        if cover[place] >= 0:
            number = cover[place]
            if reached and tokens[place + 1] not in ALSO:
                return
            reached = True
            yield number
            while place >= 0 and cover[place] == number:
                place -= 1
        elif tokens[place] in ALSO or (not reached and tokens[place] in THROUGH):
            place -= 1
        else:
            return


def _complaint_behind(
    tokens: Sequence[str], cover: Sequence[int], places: Sequence[SignalPlace], at: int
) -> list[int]:
    """ "претензий к прошлому заказу нет": the clause ends by denying the complaint."""
    if at + 1 < len(tokens) and tokens[at + 1] not in CLAUSE_MARKS:
        return []
    for place in range(at - 1, max(-1, at - MAX_REACH - 1), -1):
        if tokens[place] in CLAUSE_MARKS:
            break
        if cover[place] >= 0 and places[cover[place]].sort is SignalSort.COMPLAINT:
            return [cover[place]]
    return []


def _behind_wanted(
    tokens: Sequence[str], cover: Sequence[int], places: Sequence[SignalPlace], at: int
) -> list[int]:
    """The signals before "не нужны", "не надо", "не предлагать"."""
    ahead = at + 1
    while ahead < len(tokens) and tokens[ahead] in FILLERS:
        ahead += 1
    if ahead >= len(tokens) or tokens[ahead] not in DENIED:
        return []
    return list(_behind(tokens, cover, at))


def sentences(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The sentences of a text, by the places of their first words and of their closing marks."""
    return _parts(tokens, SENTENCE_MARKS)


def clauses(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The clauses of a text."""
    return _parts(tokens, CLAUSE_MARKS)


def lines(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines of a text; each message of a client begins one."""
    return _parts(tokens, frozenset("\n"))


def _parts(tokens: Sequence[str], marks: frozenset[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, token in enumerate(tokens):
        if token in marks:
            if at > start:
                yield start, at
            start = at + 1
    if start < len(tokens):
        yield start, len(tokens)
