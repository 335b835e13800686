"""Links to clients' chats, only for accounts of a valid form and at fixed sites."""

import re
from urllib.parse import quote

CHATS = {
    "telegram": (re.compile(r"@([A-Za-z][A-Za-z0-9_]{3,31})"), "https://t.me/{}"),
    "whatsapp": (re.compile(r"\+?([0-9]{7,15})"), "https://wa.me/{}"),
    "vk": (re.compile(r"((?:id)?[0-9]{1,12}|[A-Za-z][A-Za-z0-9_.]{3,31})"), "https://vk.com/{}"),
    "viber": (re.compile(r"\+?([0-9]{7,15})"), "viber://chat?number=%2B{}"),
}


def chat_link(network: str, account: str) -> str | None:
    """The address of a chat; None when it cannot be opened."""
    if network not in CHATS:
        return None
    pattern, address = CHATS[network]
    found = pattern.fullmatch(account.strip())
    return None if found is None else address.format(quote(found[1]))
