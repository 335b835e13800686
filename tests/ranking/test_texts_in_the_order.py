"""What a text does to a lead's place: hurry, days, articles, and who is no client."""

from datetime import timedelta
from decimal import Decimal

import pytest
from builders import NOON
from ranking_builders import DEFAULT, a_need, a_policy, a_situation

from service.leads.lead import Channel, Intent, Item, Kind
from service.ranking.lateness import late_at
from service.ranking.rank import rank_lead
from service.ranking.score import find_budget, find_urgency


def urgency(**sent: object) -> float:
    return find_urgency(a_need(**sent), DEFAULT, NOON).value


@pytest.mark.parametrize("text", ["не срочно", "коврики в салон", "подумаю", "через месяц"])
def test_who_is_on_the_line_is_as_urgent_as_a_call(text: str) -> None:
    assert urgency(channel=Channel.PHONE, live=True, text=text) == 1
    assert urgency(channel=Channel.PHONE, live=False, text=text) < 1
    office = urgency(channel=Channel.WALK_IN, live=True, text=text)
    assert office >= DEFAULT.kinds[Kind.OFFICE].urgency


def test_words_raise_the_urgency_of_a_visitor() -> None:
    assert urgency(channel=Channel.WALK_IN, live=True, text="срочно колодки") == 0.93


ADVERT = "Предлагаем продвижение сайта, первый месяц бесплатно"


def test_who_is_no_client_stands_below_every_kind_and_is_never_late() -> None:
    need = a_need(text=ADVERT)
    assert need.intent is Intent.OTHER
    ranking = rank_lead(a_situation(text=ADVERT), DEFAULT, NOON)
    assert ranking.stage == 100 < min(kind.stage for kind in DEFAULT.kinds.values())
    assert ranking.late_at is None is late_at(need, DEFAULT)
    assert ranking.timeline == ()
    assert ranking.chance < 0.01


def test_a_caller_is_always_a_client_and_people_decide_otherwise() -> None:
    call = {"channel": Channel.PHONE, "text": ADVERT}
    assert a_need(**call, live=True).intent is Intent.SALE
    assert a_need(text=ADVERT, intent=Intent.SALE).intent is Intent.SALE
    assert a_need(text="колодки", intent=Intent.OTHER).intent is Intent.OTHER


def test_the_stage_of_who_is_no_client_stays_below_kinds_that_were_moved() -> None:
    kinds = {"task": {"stage": 50}}
    policy = a_policy(kinds=kinds)
    assert rank_lead(a_situation(text=ADVERT), policy, NOON).stage == 49


@pytest.mark.parametrize(
    "sent",
    [
        {"items": (Item("Колодки тормозные передние", Decimal(1), None),)},
        {"attributes": {"part": "тормозные колодки"}},
        {"attributes": {"Subject": "нужны тормозные колодки"}},
        {"text": "тормозные колодки"},
    ],
)
def test_names_of_articles_are_read_as_text_is(sent: dict[str, object]) -> None:
    need = a_need(channel=Channel.VIN_REQUEST, **sent)
    assert find_urgency(need, DEFAULT, NOON).value == 0.9
    assert find_budget(need, DEFAULT).value == 5000


def test_an_article_says_nothing_but_what_is_wanted() -> None:
    items = (Item("Возвратная пружина, брак, срочно", Decimal(2), None),)
    need = a_need(items=items)
    assert need.intent is Intent.SALE
    assert [match.quantity for match in need.reading.matches] == [2]


def test_fields_of_advertising_are_not_read() -> None:
    assert a_need(attributes={"utm_campaign": "тормозные колодки"}).reading.matches == ()


def test_a_car_among_the_fields_is_found() -> None:
    assert a_need(attributes={"car": "Kia Rio XTA21099033434343"}).has_vin


def test_a_near_day_leaves_the_goods_their_urgency_and_a_far_one_does_not() -> None:
    today, saturday = urgency(text="колодки сегодня"), urgency(text="колодки к субботе")
    december = urgency(text="колодки на 20 декабря")
    assert today > saturday > 0.3 > december


def test_the_day_is_that_of_the_queues_zone() -> None:
    need = a_need(text="колодки завтра до 12")
    assert need.is_dated_by_text
    zone = DEFAULT.hours.timetable.zone
    needed_by = need.signal.needed_by
    assert needed_by is not None
    assert needed_by.astimezone(zone).hour == 12
    assert needed_by - NOON < timedelta(days=2)


def test_a_stated_day_goes_before_the_words() -> None:
    stated = NOON + timedelta(hours=3)
    need = a_need(text="колодки на 20 декабря", needed_by=stated)
    assert (need.signal.needed_by, need.is_dated_by_text) == (stated, False)


@pytest.mark.parametrize("text", ["хочу вернуть колодки", "верните деньги за колодки"])
def test_returns_and_complaints_have_no_bill_and_hurry_of_the_part(text: str) -> None:
    reading = a_need(text=text).reading
    assert reading.bill is None
    assert reading.urgency is None or reading.urgency.value <= 0.3


def test_a_sum_without_a_unit_is_a_guess() -> None:
    guessed = a_need(text="двигатель бюджет 150")
    assert (guessed.price, guessed.price_is_guess) == (Decimal(150_000), True)
    assert find_budget(guessed, DEFAULT).source == "guessed price in the text"
    stated = a_need(text="двигатель бюджет 150 рублей")
    assert (stated.price, stated.price_is_guess) == (Decimal(150), False)
