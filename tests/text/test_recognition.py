from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.leads.lead import HIGHEST_MONEY
from service.text.recognition import Recognised, recognise

PIECES = (
    "бюджет до 20 000 руб р к тыс. млн км пробег 15к 1,5 - – + ( ) 8 912 345-67-89 +7 89123456789 "
    "XTA21099033434343 NZE121-3012345 2019 ₽ . , 🔥 \u200b"
)
steady = settings(deadline=None)
texts = (
    st.text()
    | st.text("0123456789+-() .,ркАA")
    | st.lists(st.sampled_from(PIECES.split()), max_size=60).map(" ".join)
)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("за 42000р", "42000"),
        ("за 42000 р.", "42000"),
        ("за 42000p", "42000"),  # a Latin p
        ("4500₽", "4500"),
        ("4500 Рублей", "4500"),
        ("21 000,50 руб.", "21000.50"),
        ("1.500.000 руб", "1500000"),
        ("20\u00a0000 руб", "20000"),
        ("до 15 тысяч", "15000"),
        ("15к", "15000"),
        ("15К.", "15000"),
        ("15k rub", "15000"),
        ("15 т.р.", "15000"),
        ("15тр", "15000"),
        ("12 тыщ", "12000"),
        ("5 тыс.руб", "5000"),
        ("1,5 млн", "1500000"),
        ("1.5 млн руб", "1500000"),
        ("2 миллиона", "2000000"),
        ("5-7 тысяч", "7000"),
        ("5 – 7 тыс. руб", "7000"),
        ("20к-30к", "30000"),
        ("от 20 до 30 тысяч", "30000"),
        ("бюджет 20 000 руб", "20000"),
        ("бюджет 20000", "20000"),
        ("бюджет: примерно 150 000", "150000"),
        ("бюджет до 20000", "20000"),
        ("на сумму 3500", "3500"),
        ("500 руб и 3 тыс", "3000"),
        ("4 шт по 3500 р", "3500"),
        ("колодки 2019 500 руб", "500"),
        ("9999999999 руб", str(HIGHEST_MONEY)),
        ("8000 млн", str(HIGHEST_MONEY)),
    ],
)
def test_prices(text: str, price: str) -> None:
    assert recognise(text, "RU", None).price == Decimal(price)


@pytest.mark.parametrize(
    "text",
    [
        "колодки",
        "камри 2019",
        "2019 г",
        "2 р-на",
        "10 рулевых реек",
        "100 тысяч км пробега",
        "100 тыс. км",
        "100к пробега",
        "пробег 150 тысяч",
        "прошла 100 тыс",
        "артикул 8450006745",
        "цена 8450006745?",
        "1k0-15к",
        "масло 5w-30 4 литра",
        "приеду в 15 к вам",
        "5 тысяч долларов",
        "500$",
        "5 тысяч штук",
        "бюджет 2019 года",
        "0 руб",
        "8 912 345 67 89",
        "99999999999999 руб",
    ],
)
def test_no_price(text: str) -> None:
    assert recognise(text, "RU", None).price is None


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("8 912 345-67-89", ["+79123456789"]),
        ("+7(912)345-67-89", ["+79123456789"]),
        ("тел:89123456789.", ["+79123456789"]),
        ("9123456789", ["+79123456789"]),
        ("(495) 123-45-67", ["+74951234567"]),
        ("8-800-555-35-35", ["+78005553535"]),
        ("+49 30 901820", ["+4930901820"]),
        ("+7 912 345 67 89 2 шт", ["+79123456789"]),
        ("2 8 912 345 67 89", ["+79123456789"]),
        ("8 912 345 67 89 8 913 345 67 89", ["+79123456789", "+79133456789"]),
        ("89123456789, +79123456789", ["+79123456789"]),
        ("123-45-67", []),
        ("8450006745", []),
        ("20 000 000", []),
        ("12.05.2026 10:30", []),
        ("NZE121-3012345", []),
        ("XTA21099033434343", []),
        ("1" * 8000, []),
    ],
)
def test_phones(text: str, phones: list[str]) -> None:
    assert list(recognise(text, "RU", None).phones) == phones


def test_phones_without_a_code_are_of_the_region() -> None:
    assert recognise("030 901820", "DE", None).phones == ("+4930901820",)


def test_at_most_five_phones() -> None:
    text = ", ".join(f"8912345670{last}" for last in range(9))
    assert len(recognise(text, "RU", None).phones) == 5


@pytest.mark.parametrize(
    ("text", "vins"),
    [
        ("вин JTDBR32E720123456 камри", ["JTDBR32E720123456"]),
        ("xta21099033434343", ["XTA21099033434343"]),
        ("ХТА21099033434343", ["XTA21099033434343"]),  # Cyrillic ХТА
        ("wварн57020nм12345", ["WBAPH57020NM12345"]),
        ("XTA21099033434343 XTA21099033434343", ["XTA21099033434343"]),
        ("XTA2109903343434", []),
        ("XTA210990334343434", []),
        ("OTA21099033434343", []),
        ("12345678901234567", []),
        ("АВСЕНКМРТХУАВСЕНК", []),
    ],
)
def test_vins(text: str, vins: list[str]) -> None:
    assert list(recognise(text, "RU", None).vins) == vins


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("кузов NZE121-3012345", ["NZE121-3012345"]),
        ("gx100-6012345, BNR32–001234", ["GX100-6012345", "BNR32-001234"]),
        ("CV3W-0012345", ["CV3W-0012345"]),
        ("АСV40-3012345", ["ACV40-3012345"]),  # Cyrillic АС
        ("NZE121-30123", []),
        ("48510-09P60", []),
        ("89123-456789", []),
        ("A-NZE121-3012345-1", []),
    ],
)
def test_body_numbers(text: str, numbers: list[str]) -> None:
    assert list(recognise(text, "RU", None).body_numbers) == numbers


def check_bounds(found: Recognised) -> None:
    assert found.price is None or 0 < found.price <= HIGHEST_MONEY
    assert all(len(some) <= 5 for some in (found.phones, found.vins, found.body_numbers))
    assert all(phone.startswith("+") and phone[1:].isdigit() for phone in found.phones)
    assert all(vin.isascii() and len(vin) == 17 for vin in found.vins)


@steady
@given(texts)
def test_any_text_is_read(text: str) -> None:
    check_bounds(recognise(text, "RU", None))


@steady
@given(texts)
def test_what_is_repeated_says_no_more(text: str) -> None:
    assert recognise(f"{text}\nи\n{text}", "RU", None).vins == recognise(text, "RU", None).vins


@steady
@given(texts)
def test_junk_behind_takes_nothing_away(text: str) -> None:
    once, junk = recognise(text, "RU", None), recognise(text + "\n!" + "🔥\u200b" * 50, "RU", None)
    assert (junk.price, junk.phones, junk.vins) == (once.price, once.phones, once.vins)


@pytest.mark.parametrize("part", ["1", "1 ", "000 ", "(", "8 912 345 67 8 ", "1-", "бюджет до "])
def test_long_texts_are_read(part: str) -> None:
    check_bounds(recognise((part * 8000)[:8000], "RU", None))
