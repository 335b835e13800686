"""Telephone fields with more than one thing: no number and no word of theirs is lost."""

import pytest

from service.text.phone_fields import read_phone_field, region_of


@pytest.mark.parametrize(
    ("typed", "phones"),
    [
        ("8 (423) 202-25-11", ("+74232022511",)),
        ("+7 914 700-12-13, 8 (423) 202-25-11", ("+79147001213", "+74232022511")),
        ("89147001213 / 2022511", ("+79147001213",)),
        ("8-914-700-12-13 или 8-950-288-12-13", ("+79147001213", "+79502881213")),
        ("+375 29 123-45-67; 89147001213", ("+375291234567", "+79147001213")),
        ("WhatsApp: +77012345678", ("+77012345678",)),
        ("\u202d8 914 700\u200b-12-13\u202c", ("+79147001213",)),
        ("8-914-700-12-13 8-950-288-12-13", ("+79147001213", "+79502881213")),
        ("+7914700121389502881213", ("+79147001213", "+79502881213")),
        ("8,9147001213E+10", ("+79147001213",)),
        ("00375291234567", ("+375291234567",)),
        ("375291234567", ("+375291234567",)),
    ],
)
def test_each_number_is_found_in_its_order(typed: str, phones: tuple[str, ...]) -> None:
    assert read_phone_field(typed, "RU").phones == phones


@pytest.mark.parametrize(
    "typed",
    [
        *("89147001213 (Ольга)", "жена 8 914 700 12 13", "8 (423) 202-25-11 доб. 305"),
        *("89147001213/14", "89147001213; 22"),
    ],
)
def test_what_stands_beside_a_number_is_left_as_it_was_typed(typed: str) -> None:
    field = read_phone_field(typed, "RU")
    assert (len(field.phones), field.left) == (1, typed)


@pytest.mark.parametrize(
    "typed", ["нет", "спросить у мастера", "12-34", "8,91E+10", "029 123-45-67"]
)
def test_a_field_without_a_number_is_left_whole(typed: str) -> None:
    assert (read_phone_field(typed, "RU").phones, read_phone_field(typed, "RU").left) == ((), typed)


@pytest.mark.parametrize("typed", ["", "  ", "sip:100@pbx.example"])
def test_a_blank_field_and_a_sip_address_say_nothing(typed: str) -> None:
    assert read_phone_field(typed, "RU").left is None


def test_a_number_is_of_the_country_that_the_order_names() -> None:
    assert read_phone_field("029 123-45-67", region_of("Беларусь", "RU")).phones == (
        "+375291234567",
    )
    assert (region_of("kz", "RU"), region_of("Атлантида", "RU"), region_of(None, "RU")) == (
        "KZ",
        "RU",
        "RU",
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("0049 151 23456789", "+4915123456789"),
        ("00375 (29) 123-45-67", "+375291234567"),
        ("375 29 123 45 67", "+375291234567"),
        ("380 (50) 123-45-67", "+380501234567"),
        ("998-90-123-45-67", "+998901234567"),
        ("375291234567", "+375291234567"),
    ],
)
def test_a_number_abroad_is_read_however_its_code_is_written(typed: str, found: str) -> None:
    assert read_phone_field(typed, "RU").phones == (found,)


@pytest.mark.parametrize("typed", ["234567 345678", "00", "0012", "375 29", "37529123456789"])
def test_what_only_looks_like_a_number_abroad_is_none(typed: str) -> None:
    assert not [item for item in read_phone_field(typed, "RU").phones if item[1] != "7"]
