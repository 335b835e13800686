"""Which wishes arrived goods fulfil, by words, by article number and by the lexicon (B12)."""

import pytest
from lexicon_builders import LEXICON

from service.rules.wishes import find_wished, read_goods


def wished(words: str, *arrived: str) -> str | None:
    return find_wished(words, [read_goods(name, LEXICON) for name in arrived], LEXICON)


@pytest.mark.parametrize(
    ("words", "arrived"),
    [
        ("ждёт колодки на Ниву", "тормозные колодки"),  # one signal of the lexicon
        ("brake pads for a Niva", "колодки"),
        ("хотел гриль-решётку", "решётки гриля"),  # words in another form
        ("номер 1K0615301AA, перезвонить", "1K0 615 301 AA"),
        ("нужен с-110 42", "C11042"),  # Cyrillic letters that look like Latin ones
    ],
)
def test_a_wish_is_found(words: str, arrived: str) -> None:
    assert wished(words, "клипса", arrived) == arrived


@pytest.mark.parametrize(
    ("words", "arrived"),
    [
        ("ждёт колодки на Ниву", "стойки"),
        ("номер 1K0615301AAB", "1K0 615 301 AA"),  # a longer number is another article
        ("просто спросил", "решётка гриля"),
        ("решётка", "решётка гриля"),
    ],
)
def test_another_wish_is_not(words: str, arrived: str) -> None:
    assert wished(words, arrived) is None


def test_a_signal_may_be_named_as_the_policy_names_it() -> None:
    assert wished("опора стойки, перезвонить", "strut_mount") == "strut_mount"


def test_the_first_goods_of_several_are_named() -> None:
    assert wished("колодки и масло", "масло", "колодки") == "масло"
