import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.leads.lead import Intent
from service.ranking.lexicon import LONGEST_PHRASE, Entry, Lexicon, Reading, stems_of

PADS = Entry("pads", ("тормозные колодки", "колодки", "brake pads"), "A5", urgency=0.9, bill=5000)
STRUTS = Entry("struts", ("стойки", "амортизаторы"), "A5", urgency=0.5, bill=8000)
STRUT_MOUNT = Entry("strut_mount", ("опора стойки",), "A5", urgency=0.4, bill=2500)
WING = Entry("wing", ("крыло",), "A5", urgency=0.2, bill=14000)
CLIP = Entry("clip", ("клипса", "клипса на подкрылок"), "A6", bill=100)
WING_LINER = Entry("wing_liner", ("подкрылок",), "A6", bill=2500)
OIL = Entry("oil", ("масло", "моторное масло"), "A6", bill=3800)
BULB = Entry("bulb", ("лампа h7", "h7"), "A6", bill=700)
URGENT = Entry("urgent", ("срочно", "urgent"), "A5", urgency=0.95)
NO_HURRY = Entry("no_hurry", ("не срочно", "не к спеху"), "A5", urgency=0.1, urgency_at_most=0.1)
LATER = Entry("later", ("скоро менять",), "A5", urgency_at_most=0.3)
JUST_ASKS = Entry("just_asks", ("просто узнать цену",), "A1", chance_factor=0.5)
READY = Entry("ready", ("готов оплатить",), "A1", chance_factor=1.5)
ORDER = Entry("order", ("где мой заказ",), "A10", intent=Intent.ORDER_QUESTION)
RETURN = Entry("returns", ("вернуть", "возврат"), "A10", intent=Intent.RETURN)
COMPLAINT = Entry(
    "complains", ("жалоба", "верните деньги"), "B4", intent=Intent.COMPLAINT, skill="complaints"
)
WHOLESALE = Entry("wholesale", ("оптом",), "A21", skill="wholesale")
PARTY = Entry("party", ("гендер-пати",), "A6", bill=2500)
ENTRIES = (
    *(PADS, STRUTS, STRUT_MOUNT, WING, CLIP, WING_LINER, OIL, BULB, URGENT, NO_HURRY, LATER),
    *(JUST_ASKS, READY, ORDER, RETURN, COMPLAINT, WHOLESALE, PARTY),
)
MOST_QUANTITY, MOST_BILL = 20, 200_000
LEXICON = Lexicon(ENTRIES, MOST_QUANTITY, MOST_BILL)

WORDS = (
    "колодки стойки стоек крыла опора клипса на подкрылок не срочно к спеху 2 4 20 шт пару оба в "
    "круг по кругу литра 2019 x5 5w-30 , . ! \n ( ) готов оплатить верните деньги 🔥 urgent"
)
steady = settings(deadline=None)
texts = st.text() | st.lists(st.sampled_from(WORDS.split()), max_size=60).map(" ".join)


def found(text: str) -> list[str]:
    return [match.entry.signal for match in LEXICON.read(text).matches]


def quantities(text: str) -> dict[str, int]:
    return {match.entry.signal: match.quantity for match in LEXICON.read(text).matches}


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("колодки", ["pads"]),
        ("КОЛОДОК, есть?", ["pads"]),
        ("с тормозными колодками", ["pads"]),
        ("стоек нет? а амортизаторов?", ["struts"]),
        ("крылья и крыло", ["wing"]),
        ("крыльев", ["wing"]),
        ("brake pad", ["pads"]),
        ("нужны cтойки", ["struts"]),  # a Latin c
        ("сто́йки", ["struts"]),
        ("сто\u00adйки\u200b", ["struts"]),
        ("стои\u0306ки", ["struts"]),
        ("лампа H7", ["bulb"]),
        ("гендер пати", ["party"]),
        ("гендер-пати", ["party"]),
        ("опора стойки", ["strut_mount"]),
        ("опору левой стойки", ["struts"]),
        ("стойки, опора стойки", ["struts", "strut_mount"]),
        ("клипсы на подкрылки", ["clip"]),
        ("клипсы, на подкрылок", ["clip", "wing_liner"]),
        ("клипсы подкрылок", ["clip", "wing_liner"]),
        ("срочно", ["urgent"]),
        ("не срочно", ["no_hurry"]),
        ("это совсем не очень срочно", ["no_hurry"]),
        ("не надо, срочно", ["urgent"]),
        ("не, срочно", ["urgent"]),
        ("где заказ", ["order"]),
        ("где же мой заказ?", ["order"]),
        ("верните деньги", ["complains"]),
        ("верните", []),
        ("подколодки", []),
        ("маслопресс", []),
        ("несрочно", []),
        ("колодкистойки", []),
        ("", []),
        ("🔥👍", []),
        ("колодки" * 900, []),
    ],
)
def test_signals_are_found_by_stems(text: str, signals: list[str]) -> None:
    assert found(text) == signals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("стойки в круг", {"struts": 4}),
        ("стойки по кругу", {"struts": 4}),
        ("в круг стойки", {"struts": 4}),
        ("стойки 2 шт", {"struts": 2}),
        ("стойки 2шт.", {"struts": 2}),
        ("стойки (4 шт)", {"struts": 4}),
        ("4 стойки", {"struts": 4}),
        ("4 передние стойки", {"struts": 4}),
        ("4х стоек", {"struts": 4}),
        ("стойки - 4", {"struts": 4}),
        ("стойки 4, срочно", {"struts": 4, "urgent": 1}),
        ("пару стоек", {"struts": 2}),
        ("стойки срочно 4 шт", {"struts": 4, "urgent": 1}),
        ("4 срочно стойки", {"struts": 4, "urgent": 1}),
        ("стойки передние пару", {"struts": 2}),
        ("два крыла", {"wing": 2}),
        ("крылья оба", {"wing": 2}),
        ("2 (два) крыла", {"wing": 2}),
        ("комплект колодок", {"pads": 1}),
        ("2 комплекта колодок", {"pads": 2}),
        ("десять клипс", {"clip": 10}),
        ("клипсы на подкрылок 10 штук", {"clip": 10}),
        ("стойки 4 шт колодки 2 шт", {"struts": 4, "pads": 2}),
        ("4 шт стойки 2 шт колодки", {"struts": 4, "pads": 2}),
        ("4 стойки и 2 колодки", {"struts": 4, "pads": 2}),
        ("стойки, колодки 2 шт", {"struts": 1, "pads": 2}),
        ("стойки и 10 клипс", {"struts": 1, "clip": 10}),
        ("стойки на приору передние 2 шт", {"struts": 2}),
        ("стойки ... 4 стойки ... 2 стойки", {"struts": 4}),
        ("500 шт клипс", {"clip": MOST_QUANTITY}),
        ("0 шт стоек", {"struts": 1}),
        ("4 шт, стойки", {"struts": 1}),
        ("камри 2019 стойки", {"struts": 1}),
        ("2110 стойки", {"struts": 1}),
        ("x5 стойки", {"struts": 1}),
        ("х5 стойки", {"struts": 1}),
        ("масло 4 литра", {"oil": 1}),
        ("масло 4л", {"oil": 1}),
        ("5 л масла", {"oil": 1}),
        ("масло 5W-30", {"oil": 1}),
        ("5w30 масло", {"oil": 1}),
        ("двигатель 1.6 стойки", {"struts": 1}),
        ("двигатель 2 литра стойки", {"struts": 1}),
        ("через 2 дня стойки", {"struts": 1}),
        ("через пару дней стойки", {"struts": 1}),
        ("в 5 стойки заберу", {"struts": 1}),
        ("до 12:30 стойки", {"struts": 1}),
        ("за 5000 стойки", {"struts": 1}),
        ("за 50 руб клипсы", {"clip": 1}),
        ("клипсы 50₽", {"clip": 1}),
        ("бюджет 20 000 стойки", {"struts": 1}),
        ("8 912 345-67-89 стойки", {"struts": 1}),
        ("стойки 89123456789", {"struts": 1}),
        ("колодки на форд фокус 2", {"pads": 1}),
        ("артикул 48510-09 стойки", {"struts": 1}),
        ("9" * 5000 + " стоек", {"struts": 1}),
    ],
)
def test_quantities_belong_to_the_nearest_signal(text: str, expected: dict[str, int]) -> None:
    assert quantities(text) == expected


def test_the_highest_urgency_decides() -> None:
    urgency = LEXICON.read("колодки и стойки").urgency
    assert urgency is not None
    assert (urgency.value, urgency.source, urgency.rule) == (0.9, "pads", "A5")


@pytest.mark.parametrize(
    ("text", "value", "source"),
    [
        ("колодки, не к спеху", 0.1, "no_hurry"),
        ("не срочно", 0.1, "no_hurry"),
        ("срочно! хотя не срочно", 0.1, "no_hurry"),
        ("колодки, скоро менять", 0.3, "later"),
        ("крыло, скоро менять", 0.2, "wing"),
    ],
)
def test_no_hurry_caps_what_other_words_say(text: str, value: float, source: str) -> None:
    urgency = LEXICON.read(text).urgency
    assert urgency is not None
    assert (urgency.value, urgency.source) == (value, source)


@pytest.mark.parametrize("text", ["скоро менять", "клипса", "добрый день"])
def test_urgency_is_none_when_no_word_says(text: str) -> None:
    assert LEXICON.read(text).urgency is None


@pytest.mark.parametrize(
    ("text", "value", "source"),
    [
        ("стойки в круг и колодки", 37_000, "struts, pads"),
        ("колодки, колодки и ещё раз колодки", 5_000, "pads"),
        ("20 крыльев", MOST_BILL, "wing"),
    ],
)
def test_the_bill_is_the_sum_of_pieces(text: str, value: float, source: str) -> None:
    bill = LEXICON.read(text).bill
    assert bill is not None
    assert (bill.value, bill.source) == (value, source)


def test_a_bill_names_each_rule_once() -> None:
    bill = LEXICON.read("колодки, стойки, клипса").bill
    assert bill is not None
    assert bill.rule == "A5, A6"


def test_no_bill_without_a_word_that_has_one() -> None:
    assert LEXICON.read("срочно, готов оплатить").bill is None


@pytest.mark.parametrize(
    ("text", "factor", "source"),
    [
        ("колодки", 1.0, ""),
        ("просто узнать цену", 0.5, "just_asks"),
        ("просто узнать цену, готов оплатить", 0.75, "just_asks, ready"),
    ],
)
def test_chance_factors_multiply(text: str, factor: float, source: str) -> None:
    said = LEXICON.read(text).chance_factor
    assert (said.value, said.source) == (factor, source)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("где мой заказ", Intent.ORDER_QUESTION),
        ("где мой заказ? хочу вернуть", Intent.RETURN),
        ("хочу вернуть, верните деньги, где мой заказ", Intent.COMPLAINT),
    ],
)
def test_the_gravest_intent_is_said(text: str, intent: Intent) -> None:
    said = LEXICON.read(text).intent
    assert said is not None
    assert said.value is intent
    assert all(entry.intent is intent for entry in said.entries)


def test_no_intent_without_a_word_of_it() -> None:
    assert LEXICON.read("колодки").intent is None


def test_skills_are_gathered() -> None:
    assert LEXICON.read("жалоба! и оптом").skills == {"complaints", "wholesale"}


@pytest.mark.parametrize(
    ("phrase", "stems"),
    [
        ("Тормозных колодок", ("тормозн", "колодк")),
        ("brake pads", ("brake", "pad")),
        ("dot-4", ("dot4",)),
        ("", ()),
        ("🔥 !!!", ()),
        ("уже очень", ()),
        ("2019", ()),
    ],
)
def test_stems_of_a_phrase(phrase: str, stems: tuple[str, ...]) -> None:
    assert stems_of(phrase) == stems


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ([Entry("a", ("колодки",), "A5"), Entry("b", ("колодка",), "A5")], "also means a"),
        ([Entry("a", ("колодки",), "A5"), Entry("a", ("стойки",), "A5")], "same signal"),
        ([Entry("a", ("!",), "A5")], "needs 1 to 6 words"),
        ([Entry("a", (" ".join(["слово"] * (LONGEST_PHRASE + 1)),), "A5")], "needs 1 to 6 words"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(entries: list[Entry], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Lexicon(entries, MOST_QUANTITY, MOST_BILL)


def test_forms_of_a_word_within_an_entry_are_welcome() -> None:
    lexicon = Lexicon([Entry("a", ("колодки", "колодка"), "A5")], MOST_QUANTITY, MOST_BILL)
    assert len(lexicon.read("колодок").matches) == 1


def test_an_empty_lexicon_reads_nothing() -> None:
    assert Lexicon([], MOST_QUANTITY, MOST_BILL).read("колодки").matches == ()


def check_bounds(reading: Reading) -> None:
    signals = [match.entry.signal for match in reading.matches]
    assert len(signals) == len(set(signals))
    assert all(1 <= match.quantity <= MOST_QUANTITY for match in reading.matches)
    assert reading.urgency is None or 0 <= reading.urgency.value <= 1
    assert reading.bill is None or 0 <= reading.bill.value <= MOST_BILL


@steady
@given(texts)
def test_any_text_is_read(text: str) -> None:
    check_bounds(LEXICON.read(text))


@steady
@given(texts, st.permutations(ENTRIES))
def test_the_order_of_entries_does_not_matter(text: str, entries: list[Entry]) -> None:
    assert Lexicon(entries, MOST_QUANTITY, MOST_BILL).read(text) == LEXICON.read(text)


@steady
@given(texts, texts)
def test_what_is_appended_takes_nothing_away(text: str, more: str) -> None:
    reading = LEXICON.read(text + "\n" + more)
    check_bounds(reading)
    assert [match.entry for match in LEXICON.read(text).matches] == [
        match.entry for match in reading.matches[: len(LEXICON.read(text).matches)]
    ]


@steady
@given(texts)
def test_what_is_repeated_says_no_more(text: str) -> None:
    assert LEXICON.read(text + "\n" + text) == LEXICON.read(text)


@pytest.mark.parametrize(
    "part", ["а", "колодки ", "не к ", "2 ", "2 шт ", "стойки 2 шт ", "0.", "x-", "-", "\u200b🔥"]
)
def test_long_texts_are_read(part: str) -> None:
    check_bounds(LEXICON.read((part * 8000)[:8000]))
