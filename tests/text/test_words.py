"""Words are the same whatever their form, letters and invisible marks."""

import pytest
from lexicon_builders import LEXICON

from service.text.phrases import words_of


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
        ("опору левой стойки", ["strut_mount"]),
        ("стойки, опора стойки", ["struts", "strut_mount"]),
        ("клипсы на подкрылки", ["clip"]),
        ("клипсы, на подкрылок", ["clip", "wing_liner"]),
        ("клипсы подкрылок", ["clip", "wing_liner"]),
        ("срочно", ["urgent"]),
        ("не срочно", ["no_hurry"]),
        ("это совсем не очень срочно", ["no_hurry"]),
        ("не надо, срочно", ["urgent"]),
        ("не, срочно", ["urgent"]),
        ("где заказ", []),
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
def test_signals_are_found_in_any_form(text: str, signals: list[str]) -> None:
    assert [match.entry.signal for match in LEXICON.read(text).matches] == signals


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("Тормозных колодок", ["тормозных", "колодок"]),
        ("brake pads", ["brake", "pads"]),
        ("уже очень", ["уже", "очень"]),
        ("заказ #", ["заказ", "#"]),
        ("🔥 !!!", []),
    ],
)
def test_words_of_a_phrase_lose_none(phrase: str, words: list[str]) -> None:
    assert list(words_of(phrase)) == words
