"""What is cut as a quotation, in the languages of our clients' programs, and what is not."""

import pytest

from service.adapters.mail.own_words import own_words

SHOP = "Магазин <sale@parts.example>"
OURS = "Ваш заказ готов, звоните +7 495 123-45-67"


@pytest.mark.parametrize(
    "above",
    [
        f"пн, 8 июн. 2026 г. в 15:02, {SHOP}:",
        f"Понедельник, 8 июня 2026, 15:02 +03:00 от {SHOP}:",
        '08.06.2026, 15:02, "Магазин" <sale@parts.example>:',
        "08.06.2026 15:02, Магазин пишет:",
        f"08.06.2026, 15:02, {SHOP} написал(а):",
        f"пн, 8 черв. 2026 р. о 15:02 {SHOP} пише:",
        f"08.06.2026 15:02, {SHOP} написав(ла):",
        f"2026 ж. 8 мау., дс 15:02, {SHOP} жазды:",
        f"2026 ж. 8 маусым, сағ. 15:02 уақытында {SHOP}\nбылай деп жазды:",
        f"On Mon, Jun 8, 2026 at 3:02 PM {SHOP}\nwrote:",
        f"Am 08.06.2026 um 15:02 schrieb {SHOP}:",
        "----- Исходное сообщение -----",
        "-----Оригінальне повідомлення-----",
        "-----Бастапқы хабарлама-----",
        "________________________________\nОт: Магазин\nОтправлено: 8 июня 2026 г. 15:02",
        f"Від: {SHOP}\nНадіслано: 8 червня 2026 р.\nКому: oleg@example.org\nТема: Замовлення",
        f"Кімнен: {SHOP}\nЖіберілген: 2026 ж. 8 маусым\nКімге: oleg@example.org",
        f"*From:* {SHOP}\n*Sent:* Monday, June 8, 2026\n*To:* oleg@example.org",
        "## Пожалуйста, введите свой ответ над этой строкой ##",
    ],
)
@pytest.mark.parametrize("mark", ["", "> "])
def test_what_stands_below_is_the_shop_s(above: str, mark: str) -> None:
    assert own_words(f"Да, заберу\r\n\r\n{above}\n\n{mark}{OURS}") == "Да, заберу"


def test_answers_between_quoted_lines_are_the_client_s() -> None:
    mail = "Вы писали 8 июня 2026 г., 15:02:\n\n> Левую?\n\nДа\n\n> Когда?\n\nЗавтра"
    assert own_words(mail) == "Да\n\n\nЗавтра"


def test_a_mail_of_nothing_but_a_quotation_has_no_words() -> None:
    assert own_words(f"08.06.2026, 15:02, {SHOP}:\n\n{OURS}") == ""


@pytest.mark.parametrize(
    "words",
    [
        "Имя: Олег\nТелефон: 8 900 123-45-67\nТема: фара\nСообщение: нужна левая",
        "Ваш менеджер Иван написал:\nпозвоните завтра",
        "Нужно к 10.06.2026 15:00:\nфара\nбампер",
        "Цена от: 500\nЦена до: 900",
        "Здравствуйте:\nнужна фара",
        "От: Владивосток\nНужна доставка",
    ],
)
def test_a_client_s_own_lines_with_colons_stay(words: str) -> None:
    assert own_words(words) == words


@pytest.mark.parametrize("sign", ["от: x\n", "> \n", "x: ", "On 15:02 ", "-" * 50 + "\n", "<a@b>"])
def test_hostile_text_is_read_in_linear_time(sign: str) -> None:
    assert len(own_words(sign * 20_000)) <= 100_000
