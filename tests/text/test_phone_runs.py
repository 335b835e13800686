"""What may be somebody's telephone number, and which numbers are none."""

import pytest

from service.text.phone_runs import may_hold_phone


@pytest.mark.parametrize(
    "words",
    [
        *("8 916 1234567", "+7 (916) 123-45-67", "89161234567", "916.123.45.67", "123-45-67"),
        *("call of +49 30 901820 on 29.11.2026", "8-2026-11-29-12-34", "600 123 456"),
        *("29.11.2026, 8 495 7654321", "1234567", "8 (495) 20 11 2026", "тел.: 8‑916‑123‑45‑67"),
    ],
)
def test_seven_digits_in_a_row_may_be_a_number(words: str) -> None:
    assert may_hold_phone(words)


@pytest.mark.parametrize(
    "words",
    [
        *("request of 29.11.2026, letter 12", "letter 12 of 2026-11-29", "29/11/26 and 01/12/26"),
        *("28.11.2026-29.11.2026", "28.11.2026 – 29.11.2026", "29 11 2026", "1.2.2026 12:30"),
        *("orders of 2025-2026", "letters 12, 13, 14, 15 and 16", "№ 123456", "art. 17 (1)"),
        *("2026-11-29T10:30:00", "29.11.2026 12", "2016/679", "asked in writing", ""),
    ],
)
def test_days_and_short_numbers_are_none(words: str) -> None:
    assert not may_hold_phone(words)
