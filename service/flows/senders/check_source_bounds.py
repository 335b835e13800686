"""What is said of a source is within bounds, whichever door it came by."""

import re
from collections.abc import Iterator, Mapping

from service.adapters.source import Source
from service.leads.errors import FieldMistake

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MOST_SECRETS, MOST_SECRET = 20, 4096
MOST_OPTIONS, MOST_OPTION = 50, 2000
MOST_OPERATORS, MOST_THEIRS = 2000, 200
MOST_MAPPING = 64 * 1024
ON_ONE_LINE = "Send it as the sender shows it, on one line."


def check_bounds(said: Source) -> Iterator[FieldMistake]:
    """Every mistake in its name and in how long its texts are."""
    if not NAME.fullmatch(said.name):
        remedy = "Take 1 to 64 of a-z, 0-9, - and _, the first a letter or a digit."
        yield FieldMistake("source", "it is no name", remedy)
    yield from _too_many("options", said.options, MOST_OPTIONS)
    for name, value in said.options.items():
        yield from _text(f"options.{name}", value, 0, MOST_OPTION)
    yield from _too_many("operators", said.operators, MOST_OPERATORS)
    for theirs in said.operators:
        if not 1 <= len(theirs) <= MOST_THEIRS:
            remedy = f"Send 1 to {MOST_THEIRS} characters."
            yield FieldMistake(f"operators.{theirs[:MOST_THEIRS]}", "its length is wrong", remedy)
    if said.mapping is not None and not 1 <= len(said.mapping) <= MOST_MAPPING:
        remedy = f"Send 1 to {MOST_MAPPING} characters."
        yield FieldMistake("mapping", "its length is wrong", remedy)


def check_secret_bounds(given: Mapping[str, str]) -> Iterator[FieldMistake]:
    """Every mistake in how long new secrets are, and in what they are written with."""
    yield from _too_many("secrets", given, MOST_SECRETS)
    for name, value in given.items():
        yield from _text(f"secrets.{name}", value, 1, MOST_SECRET)


def _too_many(where: str, said: Mapping[str, str], most: int) -> Iterator[FieldMistake]:
    if len(said) > most:
        yield FieldMistake(where, f"there are {len(said)}", f"Send {most} at most.")


def _text(where: str, value: str, least: int, most: int) -> Iterator[FieldMistake]:
    if not least <= len(value) <= most:
        yield FieldMistake(where, "its length is wrong", f"Send {least} to {most} characters.")
    elif not value.isprintable():
        yield FieldMistake(where, "it has control characters", ON_ONE_LINE)
