import random

import phonenumbers
import pytest

from service.matching.marks import read_phone
from service.matching.mobiles import read_mobile

FORMS = (
    "+7{}{}{}{}",
    "8{}{}{}{}",
    "+7 {} {}{}{}",
    "8 ({}) {}-{}-{}",
    "7 {}-{}-{}-{}",
    "+7({}){}{}{}",
)
REGIONS = ("RU", "KZ", "BY", "DE", "US")


def by_the_plan(typed: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def test_what_is_told_by_its_form_is_what_the_numbering_plan_says() -> None:
    draw = random.Random(5)
    told = 0
    for code in range(900, 1000):
        for form in FORMS:
            parts = code, *(f"{draw.randrange(10**n):0{n}}" for n in (3, 2, 2))
            typed = form.format(*parts)
            for region in REGIONS:
                if (found := read_mobile(typed, region)) is not None:
                    told += 1
                    assert found == by_the_plan(typed, region), (typed, region)
    assert told > 1000


@pytest.mark.parametrize(
    "typed",
    [
        "+7 930 000 00 00",
        "+7 495 123-45-67",
        "+7 900 123-45-6",
        "+7 900 123-45-67 доб. 5",
        "+8 900 1234567",
    ],
)
def test_other_forms_and_divided_beginnings_are_left_to_the_plan(typed: str) -> None:
    assert read_mobile(typed, "RU") is None
    assert read_phone(typed, "RU") == by_the_plan(typed, "RU")


def test_without_a_plus_a_number_is_of_its_region() -> None:
    assert read_mobile("8 900 123-45-67", "RU") == "+79001234567"
    assert read_mobile("8 900 123-45-67", "DE") is None


def test_nines_alone_are_nobodys_number() -> None:
    assert read_phone("+7 999 999-99-99", "RU") is None
