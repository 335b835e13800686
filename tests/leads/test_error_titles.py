"""Errors speak to the public: the docstring is the title, the text given is the detail."""

from collections.abc import Iterator

import pytest

from service.leads.errors import (
    FieldMistake,
    InvalidRequest,
    LineLost,
    LineUnavailable,
    NextleadError,
    TooMany,
)


def and_its_kinds(error: type[NextleadError]) -> Iterator[type[NextleadError]]:
    yield error
    for kind in error.__subclasses__():
        yield from and_its_kinds(kind)


ERRORS = sorted(and_its_kinds(NextleadError), key=lambda error: error.__name__)
TOLD_IN_WORDS = [
    error for error in ERRORS if error is not InvalidRequest and not issubclass(error, TooMany)
]


def mistakes(count: int) -> list[FieldMistake]:
    return [FieldMistake(f"field{number}", "is wrong", "Mend it.") for number in range(count)]


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_a_title_of_its_own_in_one_line(error: type[NextleadError]) -> None:
    title = vars(error)["__doc__"]
    assert title == title.strip()
    assert title[0].isupper()
    assert "\n" not in title
    assert not title.endswith(".")


def test_no_two_errors_share_a_title() -> None:
    assert len({error.__doc__ for error in ERRORS}) == len(ERRORS)


@pytest.mark.parametrize("error", TOLD_IN_WORDS)
def test_the_detail_is_the_title_unless_given(error: type[NextleadError]) -> None:
    assert str(error()) == error.__doc__
    assert str(error("The claim ended at noon.")) == "The claim ended at noon."


def test_an_invalid_request_keeps_every_mistake() -> None:
    assert InvalidRequest(mistakes(5)).mistakes == mistakes(5)


def test_an_invalid_request_tells_of_the_first_three_mistakes() -> None:
    reported = "field0: is wrong; field1: is wrong; field2: is wrong"
    assert str(InvalidRequest(mistakes(5))) == reported


def test_who_can_do_without_the_line_can_do_without_a_lost_one() -> None:
    assert issubclass(LineLost, LineUnavailable)
