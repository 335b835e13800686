import pytest

from service.leads.lead import Intent
from service.policies.reading import Shipped, read_policy, shipped_text
from service.text.entries import TextReading

SHOPS = (Shipped.AUTO_PARTS, Shipped.FIREWORKS)
POLICIES = {str(shop): read_policy(shipped_text(shop)) for shop in SHOPS}
LEXICONS = {name: policy.lexicon for name, policy in POLICIES.items()}
ENTRIES = {name: lexicon.entries for name, lexicon in LEXICONS.items()}


def parts(text: str) -> TextReading:
    return LEXICONS["auto_parts"].read(text)


def fireworks(text: str) -> TextReading:
    return LEXICONS["fireworks"].read(text)


def signals(reading: TextReading) -> dict[str, int]:
    return {match.entry.signal: match.quantity for match in reading.matches}


def bill(reading: TextReading) -> float:
    return 0 if reading.bill is None else reading.bill.value


def urgency(reading: TextReading) -> float | None:
    return None if reading.urgency is None else reading.urgency.value


@pytest.mark.parametrize(("shop", "fewest"), [("auto_parts", 300), ("fireworks", 100)])
def test_a_vocabulary_is_large_enough(shop: str, fewest: int) -> None:
    assert len(ENTRIES[shop]) >= fewest


@pytest.mark.parametrize("shop", POLICIES)
def test_every_number_is_believable(shop: str) -> None:
    for entry in ENTRIES[shop]:
        assert entry.urgency is None or 0 <= entry.urgency <= 1
        assert entry.urgency_at_most is None or 0 <= entry.urgency_at_most <= 1
        assert entry.bill is None or 50 <= entry.bill <= 200_000
        assert 0.1 <= entry.chance_factor <= 1.5
        assert entry.rule in ("A1", "A5", "A6", "A10", "A21", "A25", "B4", "B15")
        assert entry.skill in (None, "mentors", "wholesale", "shows")


@pytest.mark.parametrize("shop", POLICIES)
def test_every_phrase_finds_its_own_signal(shop: str) -> None:
    for entry in ENTRIES[shop]:
        for phrase in entry.phrases:
            read = LEXICONS[shop].read(phrase.replace("#", "4412").strip("."))
            found = [match.entry.signal for match in read.matches]
            assert (entry.signal in found) is not bool(entry.together), phrase
            assert entry.together or found == [entry.signal], phrase


def test_pads_go_before_a_front_end_after_an_accident() -> None:
    pads = parts("нужны тормозные колодки передние на солярис, машина на подъёмнике")
    body = parts(
        "Здравствуйте, нужно собрать перед после аварии: бампер, капот, два крыла, фары. Камри 2019"
    )
    assert urgency(pads) is not None
    assert (urgency(pads) or 0) >= 0.9
    assert bill(pads) == 5000
    assert urgency(body) == 0.2
    assert bill(body) >= 100_000
    assert signals(body)["wing"] == 2


def test_struts_all_round_go_before_a_clip() -> None:
    clip = parts("есть клипса на подкрылок?")
    struts = parts("посчитайте стойки в круг на приору")
    assert (bill(clip), urgency(clip)) == (100, 0.3)
    assert (bill(struts), urgency(struts)) == (32_000, 0.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Солярис 1.6 акпп 2014, нужны колодки", {"brake_pads": 1}),
        ("инжектор 2114, датчик коленвала", {"crank_sensor": 1}),
        ("хэтчбек 5 дверей, ручка двери", {"car_with_so_many_doors": 1, "door_handle": 1}),
        ("номер кузова NZE121-3012345", {"tells_the_car": 1}),
        ("горит чек", {}),
        ("не горит фара", {"headlight": 1}),
        ("несмотря на то что поздно", {}),
        ("приеду в магазин за маслом", {"engine_oil": 1}),
        ("колодки и диски", {"brake_pads_and_discs": 1}),
        ("литые диски и резина", {"rims": 1, "tyres": 1}),
        ("радиатор печки и радиатор кондиционера", {"heater": 1, "condenser": 1}),
        ("опоры стоек 2 шт и стойки стабилизатора", {"strut_mount": 2, "stabilizer_link": 1}),
        ("свечи 4шт, катушки 4 шт", {"spark_plugs": 4, "ignition_coil": 4}),
        ("масло 5W-30 4 литра, масляный фильтр", {"engine_oil": 1, "oil_filter": 1}),
        ("стартер, втягивающее реле", {"starter": 1, "starter_parts": 1}),
        ("brake pads and 4 shocks", {"brake_pads": 1, "struts": 4}),
        ("ступичных подшипников 2 шт", {"wheel_bearing": 2}),
        ("зеркал левых, стёкол", {"mirror": 1, "glass": 1}),
        ("масло в акпп", {"gear_oil": 1}),
        ("завтра еду, нужен ремень генератора", {"leaves_tomorrow": 1, "drive_belt": 1}),
    ],
)
def test_parts_are_found(text: str, expected: dict[str, int]) -> None:
    assert signals(parts(text)) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("не срочно, бампер", 0.1),
        ("колодки, не к спеху", 0.1),
        ("срочно бампер", 0.93),
        ("машина не заводится, аккумулятор", 0.85),
        ("на эвакуаторе, сцепление", 0.9),
        ("бампер, ждём выплату по осаго", 0.2),
        ("бампер завтра", 0.4),
        ("сколько стоит", None),
    ],
)
def test_urgency_of_parts(text: str, value: float | None) -> None:
    assert urgency(parts(text)) == value


@pytest.mark.parametrize("shop", POLICIES)
@pytest.mark.parametrize(
    ("text", "intent", "skills"),
    [
        ("где мой заказ", Intent.ORDER_QUESTION, set()),
        ("когда приедет?", Intent.ORDER_QUESTION, set()),
        ("хочу оформить возврат", Intent.RETURN, set()),
        ("у меня жалоба", Intent.COMPLAINT, {"mentors"}),
        ("верните мне деньги", Intent.COMPLAINT, {"mentors"}),
        ("претензия по заказу", Intent.COMPLAINT, {"mentors"}),
        ("интересует оптом", None, {"wholesale"}),
        ("добрый день", None, set()),
    ],
)
def test_intents_and_skills(shop: str, text: str, intent: Intent | None, skills: set[str]) -> None:
    reading = LEXICONS[shop].read(text)
    assert (None if reading.intent is None else reading.intent.value) == intent
    assert reading.skills == skills


@pytest.mark.parametrize("shop", POLICIES)
def test_who_only_asks_is_less_likely_to_buy(shop: str) -> None:
    read = LEXICONS[shop].read
    assert read("просто узнать цену").chance_factor.value < 1
    assert read("сколько стоит").chance_factor.value < 1
    assert read("готов оплатить, выставьте счёт").chance_factor.value > 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20 бенгальских огней и 3 ракеты", {"sparklers": 20, "rockets": 3}),
        ("холодных фонтанов 6 штук", {"cold_fountains": 6}),
        ("фонтанов 6 штук", {"fountains": 6}),
        ("на гендер-пати хлопушки 4 шт и дым", {"gender_party": 1, "poppers": 4, "smokes": 1}),
        ("батарея салютов 36 залпов", {"battery_of_salutes": 1}),
        ("римских свечей пару", {"roman_candles": 2}),
        ("петарды на Новый год", {"petards": 1, "new_year": 1}),
        ("ребёнку 5 лет, день рождения", {"birthday": 1}),
        ("салют на юбилей", {"salute": 1, "jubilee": 1}),
    ],
)
def test_fireworks_are_found(text: str, expected: dict[str, int]) -> None:
    assert signals(fireworks(text)) == expected


def test_a_show_goes_to_the_show_team() -> None:
    show = fireworks("нужно пиротехническое шоу на свадьбу 12 июня, 50 гостей")
    assert show.skills == {"shows"}
    assert bill(show) >= 80_000
    assert signals(show) == {"show": 1, "wedding": 1}


def test_this_evening_is_more_urgent_than_some_day() -> None:
    tonight = urgency(fireworks("салют сегодня вечером, доставка"))
    some_day = urgency(fireworks("салют на будущее, не срочно"))
    assert (tonight, some_day) == (0.85, 0.15)
