"""A press on "Start" opens the conversation with a bot; nothing was said yet.

Messengers show it as the message `/start`, for Telegram with the bot's name and the link's word.
Services that pass on a bot's messages leave it as it is.
"""

import re

START = re.compile(r"/start(?:@\w{1,64})?(?:\s+(?P<word>[\w=.~+/-]{1,200}))?", re.IGNORECASE)


def start_in(words: str | None) -> str | None:
    """The word of the link by which a client came, empty without one; None for a message."""
    found = START.fullmatch(words) if words else None
    return None if found is None else found["word"] or ""
