"""Reads a mapping's text, checks it, and compiles it."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from service.adapters.mapping.checks import check_whole
from service.adapters.mapping.document import MappingDocument
from service.adapters.source import Source
from service.leads.errors import InvalidRequest, Unreadable
from service.leads.mistakes import mistakes_of
from service.policies.yaml_text import read_yaml

SHIPPED = (
    *("1c", "amocrm", "avito", "green_api", "html_form", "insales", "megafon", "uis"),
    "wazzup24",
)
MAX_COMPILED = 256
NO_MAPPING = "The source has no mapping."


@lru_cache(len(SHIPPED))
def shipped_text(name: str) -> str:
    """The text of a shipped mapping; raises KeyError for an unknown name."""
    if name not in SHIPPED:
        raise KeyError(name)
    return files("service.adapters.mapping").joinpath("shipped", f"{name}.yaml").read_text("utf-8")


@lru_cache(MAX_COMPILED)
def read_mapping(text: str) -> MappingDocument:
    """The mapping of a YAML text.

    Raises InvalidRequest with every mistake: its path, its reason and its remedy. A text is read
    once and cached.
    """
    written = read_yaml(text, "mapping")
    try:
        mapping = MappingDocument.model_validate(written, context={"body": written.get("body")})
    except ValidationError as error:
        explained = [_explained(item) for item in error.errors(include_url=False)]
        raise InvalidRequest(mistakes_of(explained, whole="mapping")) from None
    if mistakes := check_whole(mapping):
        raise InvalidRequest(mistakes)
    return mapping


def mapping_of(source: Source) -> MappingDocument:
    """The mapping of a source: its own text, or the shipped one that its option names.

    Raises Unreadable when there is none, or it has mistakes.
    """
    name = source.options.get("shipped", "")
    try:
        return read_mapping(source.mapping or shipped_text(name))
    except KeyError:
        raise Unreadable(NO_MAPPING) from None
    except InvalidRequest as error:
        raise Unreadable(f"The mapping has mistakes: {error}") from None


def _explained(error: Any) -> Any:
    """A mistake of the schema. For an unknown key it adds the keys that are known there."""
    if error["type"] == "extra_forbidden":
        *place, key = error["loc"]
        existing = sorted(_keys_at(place))
        near = get_close_matches(str(key), existing, 1)
        remedy = f"Did you mean `{near[0]}`?" if near else f"Known here: {', '.join(existing)}."
        return {**error, "type": "unknown_key", "msg": "no such key", "ctx": {"remedy": remedy}}
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        schemes = error.get("ctx", {}).get("expected_tags", "'address', 'token', 'hmac' …")
        remedy = f"Give scheme: one of {schemes}."
        return {**error, "msg": "no such scheme of proof", "ctx": {"remedy": remedy}}
    return error


def _keys_at(place: Sequence[str | int]) -> set[str]:
    """The keys that the schema knows at a place."""
    models: set[type[BaseModel]] = {MappingDocument}
    for step in place:
        fields = [_by_key(model)[step] for model in models if step in _by_key(model)]
        models = {found for field in fields for found in _models_in(field)} or models
        tagged = {model for model in models if _tag(model) == step}
        models = tagged or models
    return {key for model in models for key in _by_key(model)}


def _by_key(model: type[BaseModel]) -> Mapping[Any, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _tag(model: type[BaseModel]) -> str | None:
    scheme = model.model_fields.get("scheme")
    return get_args(scheme.annotation)[0] if scheme else None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
