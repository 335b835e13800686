"""Titles beside the ids of rules in an answer, in the reader's language."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Query

from service.explaining.rule_titles import rule_title
from service.explaining.sentences import LANGUAGES, LanguageName

RULE, OF_A_RULE = "rule", "_rule"
PARTS: Final = ("explanation", "decision")
MAX_HEADER_LENGTH = 200


def titled(value: Any, language: LanguageName) -> Any:
    """The same JSON value with a `title` beside each `rule`, at any depth."""
    if isinstance(value, Mapping):
        shown: dict[str, Any] = {}
        for name, part in value.items():
            shown[name] = titled(part, language)
            if name == RULE:
                shown["title"] = rule_title(part, language)
            elif name.endswith(OF_A_RULE):
                shown[f"{name}_title"] = part and rule_title(part, language)
        return shown
    if isinstance(value, list | tuple):
        return [titled(part, language) for part in value]
    return value


def titled_parts(body: Mapping[str, Any], language: LanguageName) -> dict[str, Any]:
    """A rendered lead, or an event's details, with titles in its explanation and decision.

    The rest may be the sender's own and stays as it is.
    """
    return {**body, **{name: titled(body[name], language) for name in PARTS if name in body}}


@lru_cache(maxsize=256)
def preferred_language(accept_language: str) -> LanguageName:
    """The best language of an `Accept-Language` header; the first that we have for none of them."""
    found: tuple[float, LanguageName] | None = None
    for choice in accept_language.split(","):
        tag, _, parameter = choice.partition(";")
        name = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        for language in LANGUAGES:
            if name == language and weight > (found[0] if found else 0):
                found = (weight, language)
    return found[1] if found else next(iter(LANGUAGES))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def language_of(
    accept_language: Annotated[str | None, Header()] = None,
    lang: Annotated[
        LanguageName | None, Query(description="the language of titles, before Accept-Language")
    ] = None,
) -> LanguageName:
    """The reader's language: `lang`, else what `Accept-Language` prefers."""
    return lang or preferred_language((accept_language or "")[:MAX_HEADER_LENGTH])


LanguageOf = Annotated[LanguageName, Depends(language_of)]
