"""The meaning of each field of a request or an answer, kept in one place: `fields.yaml`."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache
def field_texts() -> dict[str, str]:
    """Descriptions by `name`, or by `Model.name` where the field has another meaning in a model."""
    text = files("service.api.document").joinpath("fields.yaml").read_text("utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found


def describe_fields(schemas: dict[str, Any]) -> None:
    """Describe each field that its own model does not describe."""
    texts = field_texts()
    for model, schema in schemas.items():
        for name, field in schema.get("properties", {}).items():
            text = texts.get(f"{model}.{name}", texts.get(name))
            if text is not None and "description" not in field:
                field["description"] = text
