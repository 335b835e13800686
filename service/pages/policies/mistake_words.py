"""Mistakes of a policy in the reader's language, as far as they are of a known sort."""

import re
from functools import lru_cache

from service.pages.catalogue import translator
from service.pages.names import NAMES
from service.pages.policies.mistakes import PolicyMistake, path_of_field
from service.policies.property_paths import words_at

PART = re.compile(r"\\\{(\w+)\\\}")


def words_of_mistake(mistake: PolicyMistake, language: str) -> str | None:
    """What to write instead; None when it is known in English only."""
    for template, pattern in _patterns().items():
        if language != "en" and (found := pattern.fullmatch(mistake.remedy)):
            return translator(language)(template, **found.groupdict())
    return None


def title_of_field(field: str, language: str) -> str | None:
    """What the field of a mistake is called; None when the policy has no such property."""
    words = words_at([str(step) for step in path_of_field(field)], language)
    return None if words is None else words.title


@lru_cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """The remedies as they come out, with their numbers."""
    return {
        text: re.compile(PART.sub(r"(?P<\1>.+)", re.escape(text)), re.DOTALL)
        for text in NAMES["remedy"].values()
    }
