"""Reads contacts from lines that a form of the site wrote into a mail: `Телефон: 8 900 …`."""

import re
from collections.abc import Mapping

LINE = re.compile(r"^\W{0,3}(?P<label>[^\n:]{2,40}?)\s*:\s*(?P<value>[^\n]{1,200})$", re.MULTILINE)
LABELS: Mapping[str, str] = {
    **dict.fromkeys(("телефон", "тел", "phone", "tel", "ваш телефон", "номер телефона"), "phone"),
    **dict.fromkeys(("контактный телефон", "мобильный", "your phone", "телефон клиента"), "phone"),
    **dict.fromkeys(("whatsapp", "phone number", "байланыс телефоны"), "phone"),
    **dict.fromkeys(("e-mail", "email", "почта", "ваш e-mail", "ваш email", "mail"), "email"),
    **dict.fromkeys(("электронная почта", "эл. почта", "your email", "пошта"), "email"),
    **dict.fromkeys(("имя", "ваше имя", "фио", "name", "your name", "клиент"), "name"),
    **dict.fromkeys(("как вас зовут", "ім'я", "аты", "аты-жөні", "контактное лицо"), "name"),
}


def fields_of_form(words: str) -> dict[str, str]:
    """The contacts by kind: `phone`, `email` and `name`. The first of each counts."""
    found: dict[str, str] = {}
    for line in LINE.finditer(words):
        label = line["label"].strip().lower().strip("*_ ")
        if label in LABELS:
            found.setdefault(LABELS[label], line["value"].strip())
    return found


def is_form(fields: Mapping[str, str]) -> bool:
    """Whether the fields come from a form. A person's signature has no label before the name."""
    return "name" in fields and bool({"phone", "email"} & {*fields})
