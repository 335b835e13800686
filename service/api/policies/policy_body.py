"""A policy as the body of a request or an answer, in YAML or JSON."""

import json
from typing import Annotated, Any, cast

from fastapi import Depends, Request, Response

from service.api.body import StrictRequest
from service.leads.errors import FieldMistake, InvalidRequest, UnsupportedMediaType
from service.policies.rewriting import BYTE_ORDER_MARK, as_yaml
from service.policies.yaml_text import MAX_BYTES
from service.strict_json import parse

JSON = "application/json"
YAML = "application/yaml"
ALSO_YAML = ("text/yaml", "text/x-yaml", "application/x-yaml")
TEXT = {"type": "string", "format": "binary"}  # generators make bytes of it
DOCUMENT = {"$ref": "#/components/schemas/PolicyDocument"}

# How openapi.yaml describes a policy in a request: the route reads the body itself.
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The whole policy, at most 2 MiB.",
        "content": {
            **{kind: {"schema": TEXT} for kind in (YAML, "text/yaml")},
            JSON: {"schema": DOCUMENT},
        },
    }
}


async def _policy_text(request: Request) -> str:
    """The policy that was sent, as YAML; raises the errors of a strict JSON body.

    YAML stays as written. JSON is rewritten, because not all JSON is YAML.
    """
    body = await cast(StrictRequest, request).body_up_to(MAX_BYTES)
    essence = _essence(request.headers.get("content-type", YAML))
    if essence == JSON or essence.endswith("+json"):
        sent = parse(body)
        json.loads(body, object_pairs_hook=_refuse_repeated_keys)
        return as_yaml(sent)
    if essence not in (YAML, *ALSO_YAML):
        raise UnsupportedMediaType(f"`{essence[:80]}` is not accepted; send `{YAML}` or `{JSON}`.")
    try:
        return body.decode().removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError:
        remedy = "Save the file as UTF-8."
        raise InvalidRequest([FieldMistake("policy", "it is not UTF-8 text", remedy)]) from None


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    for name in set(names):
        if names.count(name) > 1:
            mistake = FieldMistake(name[:100], f"`{name[:100]}` occurs twice", "Keep one of them.")
            raise InvalidRequest([mistake])


def prefers_yaml(accept: str | None) -> bool:
    """Whether YAML is the most preferred type of the header that can be answered."""
    wanted = sorted((accept or "").split(","), key=_weight, reverse=True)
    existing = [item for item in map(_essence, wanted) if item in (YAML, *ALSO_YAML, JSON, "*/*")]
    return bool(existing) and existing[0] not in (JSON, "*/*")


def yaml_answer(text: str, headers: dict[str, str]) -> Response:
    """A policy as its author wrote it."""
    return Response(text, headers=headers, media_type=YAML)


def _essence(media_type: str) -> str:
    return media_type.split(";", 1)[0].strip().lower()


def _weight(wanted: str) -> float:
    for parameter in wanted.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return float(value) if value.strip().replace(".", "", 1).isdecimal() else 0.0
    return 1.0


PolicyText = Annotated[str, Depends(_policy_text)]
