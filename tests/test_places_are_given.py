"""No function has a country, a zone or a currency of its own: who calls it says which."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import service

PLACE = re.compile(r"(^|_)(region|zone|currency|country)$")
SERVICE = Path(service.__file__).parent
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def _with_default(function: Function) -> Iterator[str]:
    given = function.args
    in_order = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(in_order) - len(given.defaults)) + [*given.defaults]
    named = zip([*in_order, *given.kwonlyargs], [*defaults, *given.kw_defaults], strict=True)
    yield from (argument.arg for argument, default in named if default is not None)


def _guessed() -> Iterator[str]:
    for path in sorted(SERVICE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, Function):
                names = [name for name in _with_default(node) if PLACE.search(name)]
                yield from (f"{path.relative_to(SERVICE)}:{node.lineno} {name}" for name in names)


def test_no_function_has_a_default_for_a_place_or_a_currency() -> None:
    assert [*_guessed()] == []
