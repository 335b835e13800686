"""Telephone numbers and mail addresses in words, and numbers after a label."""

import re
from collections.abc import Sequence

from service.leads.customer import Mention, MentionedIn
from service.text.recognition import MAX_OF_A_SORT, recognise

ADDRESS = re.compile(
    r"(?<![\w.+-])[\w+-]{1,64}(?:\.[\w+-]{1,64}){0,4}@(?:[\w-]{1,63}\.){1,4}[a-zа-яё]{2,24}(?![\w@])",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"(?<!\w)(?:тел(?:ефон\w{0,3})?|моб(?:ильн\w{0,3})?|сотов\w{0,3}|phone|tel|mobile|cell)(?!\w)"
    r"(?:[^\w\n+(]{0,12}|[^\n+(0-9:]{0,30}:[ \t]{0,8})(?=[+(0-9])",
    re.IGNORECASE,
)
NUMBER_WIDTH = 40
MAX_LABELS = 10


def mentions_in(
    words: str, region: str, found_in: MentionedIn, phones: Sequence[str] | None = None
) -> tuple[Mention, ...]:
    """What words mention. `phones` are those already found in them, if they were read."""
    if phones is None:
        phones = recognise(words, region, None).phones
    addresses: list[str] = []
    if "@" in words:
        found = (match[0].lower() for match in ADDRESS.finditer(words))
        addresses = [*dict.fromkeys(found)][:MAX_OF_A_SORT]
    return (
        *(Mention(phone=phone, found_in=found_in) for phone in phones),
        *(Mention(email=address, found_in=found_in) for address in addresses),
    )


def labelled_phones(words: str, region: str) -> tuple[str, ...]:
    """The numbers after a label, as a form writes its fields into a mail: "Тел: 8 900 …"."""
    found: dict[str, None] = {}
    for number, label in enumerate(LABEL.finditer(words)):
        if number == MAX_LABELS:
            break
        field = words[label.end() : label.end() + NUMBER_WIDTH].partition("\n")[0]
        found |= dict.fromkeys(recognise(field, region, None).phones[:1])
    return tuple(found)
