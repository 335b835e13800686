"""The place of a value in a request: JSONPath, the name of a form's field, or a parameter.

`$.client.phone` is looked up in the whole body, and `@.text` in one event of it (JSONPath, RFC
9535). `phone` and `leads[add][0][id]` are fields as a form names them. `?topic` is a parameter of
the address. A path takes time in proportion to the body; slower paths are refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from jsonpath import JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError
from jsonpath.filter import BaseExpression, RelativeFilterQuery, RootFilterQuery
from jsonpath.segments import JSONPathChildSegment
from jsonpath.selectors import Filter, IndexSelector, NameSelector

MAX_CHARACTERS = 200
MAX_LOOKED_AT = 1000
FIELD = re.compile(r"([^\[\]?$@]+)((?:\[[^\[\]]*\])*)")
STEP = re.compile(r"\[([^\[\]]*)\]")


class _Environment(JSONPathEnvironment):
    """JSONPath without functions: regular expressions on strangers' texts can run for ever."""

    def setup_function_extensions(self) -> None:
        """Register no functions."""


ENVIRONMENT = _Environment(strict=True, filter_caching=False)


class PathMistake(ValueError):
    """A text that is no path; `remedy` shows how a path looks."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Path:
    """A place in a request, compiled. `written` is its text.

    Exactly one of the other fields is set: a JSONPath `query` from the event or the whole body, the
    `steps` of a form's name, or a `parameter` of the address.
    """

    written: str
    query: JSONPath | None = field(default=None, compare=False)
    steps: tuple[str, ...] = ()
    parameter: str | None = None

    @property
    def is_of_event(self) -> bool:
        """Whether the path begins at the event, not at the whole body."""
        return self.written.startswith("@")

    def __str__(self) -> str:
        return self.written


@dataclass(slots=True)
class Scene:
    """One event of a request, and the request around it.

    A value outside of the event is looked up once for all events of the request.
    """

    body: Any
    event: Any
    parameters: Mapping[str, str]
    found: dict[Path, Any] = field(default_factory=dict)

    def of(self, event: Any) -> "Scene":
        """Another event of the same request."""
        return Scene(self.body, event, self.parameters, self.found)


def read_path(text: str) -> Path:
    """The path of a text; raises PathMistake."""
    if len(text) > MAX_CHARACTERS:
        raise PathMistake(f"the path is longer than {MAX_CHARACTERS} characters", "Shorten it.")
    if text.startswith("?"):
        return Path(text, parameter=text[1:])
    if text.startswith(("$", "@")):
        return Path(text, query=_compiled(text))
    match = FIELD.fullmatch(text)
    if match is None:
        remedy = (
            "Write $.order.id for JSON, phone or leads[add][0][id] for forms, ?name for the URL."
        )
        raise PathMistake("this is no path", remedy)
    return Path(text, steps=(match[1], *STEP.findall(match[2])))


def find(path: Path, scene: Scene) -> Any:
    """The first value at a place that is not null; None when there is none."""
    if path.parameter is not None:
        return scene.parameters.get(path.parameter)
    if path.is_of_event:
        return _first(path, scene.event)
    if path not in scene.found:
        scene.found[path] = _first(path, scene.body)
    return scene.found[path]


def find_all(path: Path, scene: Scene, limit: int) -> list[Any]:
    """The values at a place, at most `limit` and one more."""
    document = scene.event if path.is_of_event else scene.body
    return list(islice(_values(path, document), limit + 1))


def _first(path: Path, document: Any) -> Any:
    looked_at = islice(_values(path, document), MAX_LOOKED_AT)
    return next((value for value in looked_at if value is not None), None)


def _values(path: Path, document: Any) -> Iterator[Any]:
    if path.query is not None and isinstance(document, dict | list):
        yield from (match.value for match in path.query.finditer(document))
    elif path.query is not None:  # JSONPath would parse a text as JSON
        yield from () if path.query.segments else (document,)
    elif isinstance(document, dict) and path.written in document:
        yield document[path.written]  # a flat form has brackets in its names
    else:
        yield _walked(path.steps, document)


def _walked(steps: tuple[str, ...], document: Any) -> Any:
    for step in steps:
        if isinstance(document, list) and step.isdecimal() and len(step) < 5:
            document = dict(enumerate(document)).get(int(step))
        else:
            document = document.get(step) if isinstance(document, dict) else None
    return document


def _compiled(text: str) -> JSONPath:
    try:
        query = ENVIRONMENT.compile("$" + text[1:])
    except (JSONPathError, ValueError, RecursionError) as error:
        reason = f"this is no JSONPath: {error.args[0] if error.args else 'it breaks off'}"
        remedy = "Write it like $.client.phone, @.items[0].name or $.lines[*]."
        raise PathMistake(reason, remedy) from None
    if not isinstance(query, JSONPath) or not all(map(_is_linear, query.segments)):
        remedy = "Leave out `..`, several selectors in one bracket, and `$` within a filter."
        raise PathMistake("this path could take too long", remedy)
    return query


def _is_linear(segment: object) -> bool:
    if not isinstance(segment, JSONPathChildSegment) or len(segment.selectors) != 1:
        return False
    (selector,) = segment.selectors
    return not isinstance(selector, Filter) or _is_plain(selector.expression)


def _is_plain(expression: BaseExpression) -> bool:
    """Whether a filter looks only at single fields of the values that it filters."""
    if isinstance(expression, RootFilterQuery):
        return False
    if isinstance(expression, RelativeFilterQuery):
        return all(map(_is_single, expression.path.segments))
    return all(_is_plain(child) for child in expression.children())


def _is_single(segment: object) -> bool:
    return isinstance(segment, JSONPathChildSegment) and all(
        isinstance(selector, NameSelector | IndexSelector) for selector in segment.selectors
    )
