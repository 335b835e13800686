"""Whoever writes little stays a buyer: no vote of their few words makes something else of them.

None of these messages teaches the vote.
"""

import pytest
from builders import a_signal
from ranking_builders import a_situation

from service.leads.lead import Channel, Intent
from service.policies.reading import Shipped, read_policy, shipped_text
from service.rules.need import understand

AUTO_PARTS = read_policy(shipped_text(Shipped.AUTO_PARTS))
MESSAGES = [
    "great chat",
    "Хочу купить",
    "Хотел бы купить",
    "куплю",
    "Маған тежегіш керек",
    "нужен совет",
    "перезвоните мне",
    "фото скинул",
    "вот эта деталь нужна",
    "можно у вас заказать",
    "подскажите пожалуйста",
    "подскажите по наличию",
    "интересует наличие",
    "сколько стоит доставка",
    "отправляете в регионы?",
    "можно счет на оплату",
    "оплата картой можно",
    "есть рассрочка?",
    "оригинал или аналог",
    "а гарантия есть",
    "беру",
    "оформляйте",
    "да, нужно",
    "запишите меня",
    "вин скинул",
    "посоветуйте что лучше",
    "какие лучше",
    "нужны запчасти на ладу",
    "хонда цивик 2008",
    "алло",
    "есть кто живой",
    "когда открываетесь",
    "добрый день, хочу уточнить",
    "уточните пожалуйста срок",
    "привезёте под заказ?",
    "Need help with part number 12345",
    "how much for this",
    "do you ship to Kazakhstan",
    "Салам, баасы канча",
    "чи є в наявності",
    "ищу деталь",
    "мастер сказал купить",
    "здрасте мне бы масла",
]


@pytest.mark.parametrize("text", MESSAGES)
def test_few_words_of_a_buyer_are_a_sale(text: str) -> None:
    signal = a_signal(text=text, channel=Channel.WHATSAPP)
    assert understand(a_situation(signal), AUTO_PARTS).intent is Intent.SALE
