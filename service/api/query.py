"""Refuses unknown query parameters, as unknown fields of bodies are refused."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from fastapi import Request
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from service.leads.errors import FieldMistake, InvalidRequest

MAX_MISTAKES, MAX_NAME_LENGTH = 20, 64


def query_parameters(dependant: Dependant) -> tuple[str, ...]:
    """The names of all query parameters that a route and its dependencies declare."""
    names = [name for field in dependant.query_params for name in _names_of(field)]
    for part in dependant.dependencies:
        names += query_parameters(part)
    return tuple(dict.fromkeys(names))


def _names_of(field: ModelField) -> Iterator[str]:
    """The name of a parameter, or the names of its fields when it is a model."""
    kind = field.field_info.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from (inner.alias or name for name, inner in kind.model_fields.items())
    else:
        yield field.alias


def refuse_unknown(request: Request, parameters: Collection[str]) -> None:
    """Raise InvalidRequest for each query parameter that is not among these."""
    if not request.scope["query_string"]:
        return
    unknown = [name for name in request.query_params if name not in parameters]
    if unknown:
        raise InvalidRequest([_mistake(name, parameters) for name in unknown[:MAX_MISTAKES]])


def _mistake(name: str, parameters: Collection[str]) -> FieldMistake:
    shown = name[:MAX_NAME_LENGTH]
    close = get_close_matches(shown, parameters, n=1)
    if close:
        remedy = f"Did you mean `{close[0]}`?"
    elif parameters:
        remedy = f"Send only {', '.join(f'`{known}`' for known in sorted(parameters))}."
    else:
        remedy = "Send no query parameters."
    return FieldMistake(shown, "it is no parameter of this call", remedy)
