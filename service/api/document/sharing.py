"""Moves what openapi.yaml would repeat to the components: problems, parameters, shared fields."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from service.api.document.headers import with_headers
from service.api.problems import PROBLEM, PROBLEMS

Schema = dict[str, Any]

METHODS = ("get", "put", "post", "patch", "delete")
STATUS_OF = {kind: status for status, kind in PROBLEMS.values()}
EVERYWHERE = ["internal", "storage-unavailable"]
OF_KEYS = ["unauthenticated", "scope-missing", "key-bound", "invalid-request", "overloaded"]
OF_BODIES = ["malformed-body", "body-too-large", "body-too-slow", "unsupported-media-type"]
OF_WEBHOOKS = [
    *("not-authentic", "source-not-found", "adapter-not-found", "invalid-request"),
    *("overloaded", "source-unusable", "too-many-unproven"),
    *OF_BODIES,
]
HEADERS = {
    401: "WWW-Authenticate",
    429: "Retry-After RateLimit RateLimit-Policy",
    503: "Retry-After",
}
LEFT_OUT = ("title", "uniqueItems")  # a list with repeated items is accepted
LEAST_SHARED = 8  # fields: a smaller shape is shorter when repeated than when referred to


def operations(document: Schema) -> Iterator[Schema]:
    """Every operation of the document."""
    for path in document["paths"].values():
        yield from (path[method] for method in METHODS if method in path)


def problems_of(operation: Schema) -> list[str]:
    """The problems that an operation may answer, by the ends of their types."""
    if "x-problems" not in operation:
        return [*EVERYWHERE, *OF_WEBHOOKS]
    found = [*operation["x-problems"], *OF_KEYS, *EVERYWHERE]
    if "requestBody" in operation:
        found += OF_BODIES
    return found


def problem_reference(status: int) -> Schema:
    """The response of a status that is answered with a problem document."""
    return {"$ref": f"#/components/responses/{status}"}


def problem_responses() -> Schema:
    """The problem documents by status, each with its problems, for the components."""
    schema = {"$ref": "#/components/schemas/Problem"}
    found = {}
    for status in sorted(set(STATUS_OF.values())):
        kinds = [(kind, error.__doc__) for error, (of, kind) in PROBLEMS.items() if of == status]
        texts = "; ".join(dict.fromkeys(f"`{kind}`: {text}" for kind, text in kinds))
        found[str(status)] = {
            "description": texts,
            **with_headers("X-Request-Id", *HEADERS.get(status, "").split()),
            "content": {PROBLEM: {"schema": schema}},
        }
    return found


def share_parameters(document: Schema) -> None:
    """Move each parameter that two operations have to the components."""
    had = Counter(
        _text(item)
        for operation in operations(document)
        for item in operation.get("parameters", ())
    )
    shared: Schema = {}
    for operation in operations(document):
        for item in operation.get("parameters", ()):
            item["schema"].pop("description", None)  # the parameter itself has it, too
        operation["parameters"] = [
            _shared(item, shared) if had[_text(item)] > 1 else item
            for item in operation.get("parameters", ())
        ]
        if not operation["parameters"]:
            del operation["parameters"]
    document["components"]["parameters"] = dict(sorted(shared.items()))


def _shared(parameter: Schema, shared: Schema) -> Schema:
    name = number = parameter["name"].lower()
    count = 1
    while number in shared and _text(shared[number]) != _text(parameter):
        count += 1
        number = f"{name}-{count}"
    shared[number] = parameter
    return {"$ref": f"#/components/parameters/{number}"}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def shortened(schema: Any, *, names: bool = False) -> Any:
    """The schema without titles that repeat a name, and with `null` as one of its types.

    A field left out is `null` or empty, so such defaults are not repeated.

    `names`: the keys of this schema are names of fields, so none of them is a title.
    """
    if isinstance(schema, list):
        return [shortened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    short = {
        key: value
        if key in ("example", "examples", "default", "enum")
        else shortened(value, names=key in ("properties", "$defs"))
        for key, value in schema.items()
        if names or (key not in LEFT_OUT and (key != "default" or value not in (None, {})))
    }
    return short if names else _nullable(short)


def _nullable(schema: Schema) -> Schema:
    choices = schema.get("anyOf", ())
    if len(choices) != 2 or choices[1] != {"type": "null"}:
        return schema
    first = choices[0]
    if not isinstance(first.get("type"), str) or {"enum", "const"} & first.keys():
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**first, "type": [first["type"], "null"], **rest}


def share_shapes(schemas: Schema) -> None:
    """Let a schema that has all fields of another, and more, refer to the other.

    The other schema becomes open, because `additionalProperties` ignores the fields beside it. The
    schema that refers to it stays closed.
    """
    within = {name: found for name in schemas if (found := _within(name, schemas)) is not None}
    whole = {name: dict(schema) for name, schema in schemas.items()}
    for name, base in within.items():
        inherited, schema = whole[base], whole[name]
        own = {
            key: value
            for key, value in schema["properties"].items()
            if key not in inherited["properties"]
        }
        required = [key for key in schema.get("required", ()) if key in own]
        schemas[name] = {
            **({"description": schema["description"]} if "description" in schema else {}),
            "type": "object",
            "allOf": [  # its own fields stand here, too: generators ignore fields beside allOf
                {"$ref": f"#/components/schemas/{base}"},
                {
                    "type": "object",
                    "properties": own,
                    **({"required": required} if required else {}),
                },
            ],
            "unevaluatedProperties": False,
        }
    for base in set(within.values()):
        schemas[base].pop("additionalProperties", None)
        schemas[base].pop("unevaluatedProperties", None)
    for base in sorted(set(within.values())):
        _name_mappings(base, schemas)


def _name_mappings(base: str, schemas: Schema) -> None:
    """Name each schema of a mapping from words to values; generators would create it twice."""
    own = schemas[base]["allOf"][1] if "allOf" in schemas[base] else schemas[base]
    for field, schema in list(own["properties"].items()):
        if "additionalProperties" not in schema or "object" not in schema.get("type", ()):
            continue
        name = base + field.title().replace("_", "")
        about = {key: schema[key] for key in ("description",) if key in schema}
        nullable = schema["type"] != "object"
        schemas[name] = {
            **{key: schema[key] for key in schema if key not in about},
            "type": "object",
        }
        reference = {"$ref": f"#/components/schemas/{name}"}
        named = {"anyOf": [reference, {"type": "null"}]} if nullable else reference
        own["properties"] = {**own["properties"], field: {**named, **about}}


def _within(name: str, schemas: Schema) -> str | None:
    """The largest other schema whose fields this one has, with the same types and requirements."""
    schema = schemas[name]
    if schema.get("additionalProperties") is not False:
        return None
    fields, required = schema.get("properties", {}), set(schema.get("required", ()))
    candidates = [
        (len(other["properties"]), other_name)
        for other_name, other in schemas.items()
        if LEAST_SHARED <= len(other.get("properties", ())) < len(fields)
        and other["properties"].items() <= fields.items()
        and set(other.get("required", ())) == required & other["properties"].keys()
    ]
    return max(candidates)[1] if candidates else None
