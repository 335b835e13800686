"""The JSON Schema of our own format, made from the models that read it."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from service.adapters.standard.standard_payload import CORRECTED, SHAPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LEFT_OUT = {"LeadIn": ("queue", "source"), "CustomerIn": ("context",)}


def payload_schema() -> dict[str, Any]:
    """The schema of `{type, timestamp, data}`, with one alternative for each type."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]]
    models = [(model, "validation") for model in dict.fromkeys(SHAPES.values())]
    _, whole = models_json_schema(models, ref_template="#/$defs/{model}")
    shapes: dict[str, Any] = whole["$defs"]
    for name, fields in LEFT_OUT.items():
        for field in fields:
            del shapes[name]["properties"][field]
    events = [_event(name, model.__name__) for name, model in SHAPES.items()]
    return {
        "$schema": DIALECT,
        "title": "What is posted to /webhooks/standard/{source}",
        "oneOf": events,
        "$defs": {name: shapes[name] for name in sorted(_meant(events, shapes))},
    }


def _event(name: str, shape: str) -> dict[str, Any]:
    data: dict[str, Any] = {"$ref": f"#/$defs/{shape}"}
    if name == CORRECTED:
        data = {"allOf": [data, {"required": ["external_id"]}]}
    time = {"type": "string", "format": "date-time", "description": "when it was; unset: now"}
    return {
        "type": "object",
        "title": name,
        "required": ["type", "data"],
        "properties": {"type": {"const": name}, "timestamp": time, "data": data},
    }


def _meant(part: Any, shapes: dict[str, Any]) -> set[str]:
    """The names of the shapes that a part of a schema refers to, directly or through others."""
    if isinstance(part, list):
        return {name for item in part for name in _meant(item, shapes)}
    if not isinstance(part, dict):
        return set()
    name = str(part.get("$ref", "")).rpartition("/")[2]
    below = {entry for item in part.values() for entry in _meant(item, shapes)}
    return below | ({name} | _meant(shapes[name], shapes) if name else set())
