"""Mistakes of a policy in the reader's language, as far as they are of a known sort."""

import re
from functools import lru_cache

from service.pages.catalogue import translator
from service.pages.names import NAMES
from service.pages.policies.mistakes import PolicyMistake

PART = re.compile(r"\\\{(\w+)\\\}")


def words_of_mistake(mistake: PolicyMistake, language: str) -> str | None:
    """What to write instead; None when it is known in English only."""
    for template, pattern in _patterns().items():
        if language != "en" and (found := pattern.fullmatch(mistake.remedy)):
            return translator(language)(template, **found.groupdict())
    return None


@lru_cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """The remedies as they come out, with their numbers."""
    return {
        text: re.compile(PART.sub(r"(?P<\1>.+)", re.escape(text)), re.DOTALL)
        for text in NAMES["remedy"].values()
    }
