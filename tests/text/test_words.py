"""Words are the same whatever their form, letters and invisible marks."""

import pytest
from lexicon_builders import LEXICON

from service.text.lexicon import stems_of


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
    assert [match.entry.signal for match in LEXICON.read(text).matches] == signals


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
