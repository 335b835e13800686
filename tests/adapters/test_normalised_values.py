"""Values of senders: numbers that countries changed, blanks that nobody sees."""

import pytest

from service.adapters.normalise import name, phone, text


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("79001234567", "+79001234567"),
        ("89001234567", "+79001234567"),  # as MegaFon tells some callers
        ("5215512345678", "+525512345678"),
        ("525512345678", "+525512345678"),
        ("553188887777", "+5531988887777"),
        ("5531988887777", "+5531988887777"),
        ("551132345678", "+551132345678"),  # a desk in Brazil has eight digits
        ("375291234567", "+375291234567"),
        ("Anonymous", None),
        ("", None),
        ("1", None),
    ],
)
def test_a_number_of_the_network_is_what_is_dialled_now(given: str, found: str | None) -> None:
    assert phone(given, "RU", international=True) == found


@pytest.mark.parametrize(
    "unseen",
    ["", " \n", "\u200b", "\u200b \u00a0\u2060", "\ufeff", "\u3164", "\u2800\u2800", "\ufe0f"],
)
def test_what_nobody_sees_is_nothing(unseen: str) -> None:
    assert text(unseen) is None
    assert name(unseen, None) is None


@pytest.mark.parametrize(
    "seen", ["👍🏽", "1\ufe0f\u20e3", "مرحبا", "\u200fשלום", "👨\u200d👩\u200d👧", "?"]
)
def test_what_is_seen_stays_as_it_was_written(seen: str) -> None:
    assert text(seen) == seen
