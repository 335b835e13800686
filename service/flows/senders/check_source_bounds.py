"""Check the bounds of a source's values, whether they come by API, page or command line."""

import re
from collections.abc import Iterator, Mapping

from service.adapters.source import Source
from service.leads.errors import FieldMistake

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MAX_SECRETS, MAX_SECRET = 20, 4096
MAX_OPTIONS, MAX_OPTION = 50, 2000
MAX_OPERATORS, MAX_THEIRS = 2000, 200
MAX_MAPPING = 64 * 1024
ON_ONE_LINE = "Send it as the sender shows it, on one line."


def check_bounds(requested: Source) -> Iterator[FieldMistake]:
    """Yield every mistake in the name and in the lengths of texts."""
    if not NAME.fullmatch(requested.name):
        remedy = "Take 1 to 64 of a-z, 0-9, - and _, the first a letter or a digit."
        yield FieldMistake("source", "it is no name", remedy)
    yield from _too_many("options", requested.options, MAX_OPTIONS)
    for name, value in requested.options.items():
        yield from _text(f"options.{name}", value, 0, MAX_OPTION)
    yield from _too_many("operators", requested.operators, MAX_OPERATORS)
    for theirs in requested.operators:
        if not 1 <= len(theirs) <= MAX_THEIRS:
            remedy = f"Send 1 to {MAX_THEIRS} characters."
            yield FieldMistake(f"operators.{theirs[:MAX_THEIRS]}", "its length is wrong", remedy)
    if requested.mapping is not None and not 1 <= len(requested.mapping) <= MAX_MAPPING:
        remedy = f"Send 1 to {MAX_MAPPING} characters."
        yield FieldMistake("mapping", "its length is wrong", remedy)


def check_secret_bounds(given: Mapping[str, str]) -> Iterator[FieldMistake]:
    """Yield every mistake in the lengths and characters of new secrets."""
    yield from _too_many("secrets", given, MAX_SECRETS)
    for name, value in given.items():
        yield from _text(f"secrets.{name}", value, 1, MAX_SECRET)


def _too_many(where: str, requested: Mapping[str, str], limit: int) -> Iterator[FieldMistake]:
    if len(requested) > limit:
        yield FieldMistake(where, f"there are {len(requested)}", f"Send {limit} at most.")


def _text(where: str, value: str, least: int, limit: int) -> Iterator[FieldMistake]:
    if not least <= len(value) <= limit:
        yield FieldMistake(where, "its length is wrong", f"Send {least} to {limit} characters.")
    elif not value.isprintable():
        yield FieldMistake(where, "it has control characters", ON_ONE_LINE)
