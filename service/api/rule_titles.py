"""Adds the titles of rules beside their ids in an answer, in the reader's language."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Query

from service.explaining.rule_titles import TITLES_IN, rule_title
from service.explaining.sentences import LANGUAGES, LanguageName

FINDINGS: Final = ("chance", "budget", "urgency", "stage", "ties")
MAX_HEADER_LENGTH = 200


def titled_lead(body: Mapping[str, Any], language: LanguageName) -> dict[str, Any]:
    """A rendered lead or an event's details, with titles in its explanation and decision.

    Other parts may come from the sender and stay unchanged.
    """
    shown = dict(body)
    if explanation := body.get("explanation"):
        shown["explanation"] = titled_explanation(explanation, language)
    if decision := body.get("decision"):
        shown["decision"] = titled(decision, language)
    if hints := body.get("hints"):
        shown["hints"] = [_cited(hint, language) for hint in hints]
    return shown


def titled_explanation(explanation: Mapping[str, Any], language: LanguageName) -> dict[str, Any]:
    """An explanation with titles. It adds them part by part, because every posted lead passes here.

    A shortened explanation, which has only the lead's place, cites no rules.
    """
    shown = dict(explanation)
    if "routing" not in explanation:
        return shown
    titles = TITLES_IN[language]
    for name in FINDINGS:
        part = explanation[name]
        shown[name] = {**part, "title": titles.get(part["rule"])}
    routing = explanation["routing"]
    names = {f"{name}_title": routing[name] for name in ("owner_rule", "skills_rule")}
    shown["routing"] = {
        **routing,
        **{name: rule and rule_title(rule, language) for name, rule in names.items()},
    }
    if text := explanation["text"]:
        shown["text"] = {**text, "signals": _all_cited(text["signals"], titles)}
    if "next_steps" in explanation:
        shown["next_steps"] = _all_cited(explanation["next_steps"], titles)
    return shown


def titled(value: Any, language: LanguageName) -> Any:
    """The same JSON value with a `title` beside each `rule`, at any depth."""
    if isinstance(value, dict):
        shown = {name: titled(part, language) for name, part in value.items()}
        return _cited(shown, language) if "rule" in value else shown
    if isinstance(value, list | tuple):
        return [titled(part, language) for part in value]
    return value


def _all_cited(
    parts: Iterable[Mapping[str, Any]], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [{**part, "title": titles.get(part["rule"])} for part in parts]


def _cited(part: Mapping[str, Any], language: LanguageName) -> dict[str, Any]:
    return {**part, "title": rule_title(part["rule"], language)}


@lru_cache(maxsize=256)
def preferred_language(accept_language: str) -> LanguageName:
    """The best language of an `Accept-Language` header; our first language when none fits."""
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
        LanguageName | None,
        Query(description="the language of titles; it overrides Accept-Language"),
    ] = None,
) -> LanguageName:
    """The reader's language: `lang`, else what `Accept-Language` prefers."""
    return lang or preferred_language((accept_language or "")[:MAX_HEADER_LENGTH])


LanguageOf = Annotated[LanguageName, Depends(language_of)]
