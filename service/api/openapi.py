"""Writes openapi.yaml: FastAPI's document, plus the two hot routes and the webhooks."""

from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.api.dependencies import needs
from service.api.document import sharing
from service.api.document.about import TAGS, describe_api
from service.api.document.fields import describe_fields
from service.api.document.headers import shared_headers, with_headers
from service.api.document.sharing import (
    OF_WEBHOOKS,
    STATUS_OF,
    problem_reference,
    problems_of,
    shortened,
)
from service.api.events.subscription_answers import EventMessageOut
from service.api.leads.explanation_answers import LeadWithClientOut, ServedLeadOut
from service.api.leads.lead_answers import ExplainedLeadOut, Problem
from service.api.problems import PREFIX
from service.leads.errors import (
    ClientErased,
    IdempotencyConflict,
    OffShift,
    OperatorFree,
    OperatorNotFound,
    SignalTaken,
    TaskLimit,
)
from service.policies.document import PolicyDocument
from service.schemas.leads import LeadIn

REF = "#/components/schemas/{model}"
SENT = (LeadIn, PolicyDocument, EventMessageOut)  # requests, and what we post to others
INVALID = {
    "type": PREFIX + "invalid-request",
    "title": "The request has mistakes",
    "status": 422,
    "detail": "channel: Field required",
    "errors": [{"field": "channel", "reason": "Field required", "remedy": "Send this field."}],
    "request_id": "01a226f73c02760baccf867d1c5c2e42",
}
ACCEPT_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "the language of rule titles",
    "schema": {"type": "string"},
}


class _Whole(yaml.SafeDumper):
    """Writes repeated values in full, because not every YAML reader knows aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never write an alias."""
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """Write a text of several lines as a block."""
        style = "|" if "\n" in data else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_Whole.add_representer(str, _Whole.represent_str)


def describe(app: FastAPI) -> None:
    """Let the application answer this document as its openapi."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def as_yaml(app: FastAPI) -> str:
    """The text of openapi.yaml in the repository."""
    flow: Any = None  # a value whose parts have no parts stands on one line
    return yaml.dump(
        app.openapi(),
        Dumper=_Whole,
        default_flow_style=flow,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    schemas = document["components"]["schemas"]
    schemas.update(_schemas(*SENT, ExplainedLeadOut, LeadWithClientOut, ServedLeadOut, Problem))
    describe_api(document)
    schemas["Problem"]["examples"] = [INVALID]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    document["paths"].setdefault("/v1/leads", {})["post"] = _post_lead()
    document["paths"]["/v1/operators/{operator}/next"] = {"post": _post_next()}
    document["paths"]["/webhooks/{adapter}/{source}"] = {"post": _post_webhook()}
    document["paths"] = dict(sorted(document["paths"].items(), key=_by_use))
    for operation in sharing.operations(document):
        _complete(operation)
    document["webhooks"] = {"event": {"post": _event_sent()}}
    first = {name: document.pop(name) for name in ("openapi", "info", "tags")}
    return _briefly({**first, **document})


def _by_use(item: tuple[str, dict[str, Any]]) -> tuple[int, str]:
    """Sorts by the order of the tag, then by the address."""
    path, operations = item
    tag = next(iter(operations.values()))["tags"][0]
    return (list(TAGS).index(tag) if tag in TAGS else len(TAGS)), path


def _briefly(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with each field described and repeated parts moved to the components."""
    components = document["components"]
    describe_fields(components["schemas"])
    document["paths"] = shortened(document["paths"])
    components["schemas"] = shortened(components["schemas"], names=True)
    sharing.share_shapes(components["schemas"])
    sharing.share_parameters(document)
    components["responses"] = sharing.problem_responses()
    components["headers"] = shared_headers()
    document["security"] = [{"key": []}]
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    return document


def _schemas(*models: type[BaseModel]) -> dict[str, Any]:
    modes = [(model, "validation" if model in SENT else "serialization") for model in models]
    _, definitions = models_json_schema(modes, ref_template=REF)  # type: ignore[arg-type]
    found: dict[str, Any] = definitions["$defs"]
    return found


def _complete(operation: dict[str, Any]) -> None:
    """Add the key that an operation needs and the problems that it may answer."""
    operation["responses"].pop("422", None)
    scope = operation.get("x-scope")
    if scope is None:
        operation["security"] = []
        operation["responses"].setdefault("429", problem_reference(429))
        return
    operation["description"] += f" Scope: `{scope}`."
    for status in sorted({STATUS_OF[kind] for kind in problems_of(operation)} - {500}):
        operation["responses"][str(status)] = problem_reference(status)


def _event_sent() -> dict[str, Any]:
    """The request that receivers of subscriptions get (Standard Webhooks)."""
    headers = {
        "webhook-id": "the same in every try; skip an id that you know already",
        "webhook-timestamp": "the Unix time of this try, in seconds",
        "webhook-signature": "`v1,` and the base64 of the HMAC-SHA256 of id.timestamp.body, by the"
        " subscription's secret; two of them, with a space, while a secret is being replaced",
    }
    trace = "the trace of the event, if known (W3C Trace Context)"
    schema = {"$ref": REF.format(model="EventMessageOut")}
    return {
        "tags": ["subscriptions"],
        "summary": "Event",
        "description": "One event for a subscription. It is delivered at least once, in order for"
        " each lead.",
        "operationId": "event",
        "parameters": [
            {**_parameter(name, "header", what, {"type": "string"}), "required": True}
            for name, what in headers.items()
        ]
        + [_parameter("traceparent", "header", trace, {"type": "string"})],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "2XX": {"description": "The event is accepted."},
            "410": {"description": "Send no more events: the subscription is ended."},
            "default": {"description": "The event is tried again for a day."},
        },
    }


def _post_lead() -> dict[str, Any]:
    return {
        "tags": ["leads"],
        "summary": "Post Lead",
        "description": "Open a lead, or join the client's open lead. A repeated `(source,"
        " external_id)` or `Idempotency-Key` changes nothing and answers 200 with the"
        " first lead. A 201 means that the lead is committed in PostgreSQL.",
        "operationId": "create_lead",
        **needs("intake", raises=(ClientErased, IdempotencyConflict, SignalTaken, TaskLimit)),
        "parameters": [
            _parameter(
                "Idempotency-Key",
                "header",
                "repeat it with the same body to get the same lead",
                {"type": "string", "minLength": 1, "maxLength": 200},
            ),
            ACCEPT_LANGUAGE,
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": REF.format(model="LeadIn")}}},
        },
        "responses": {
            "201": {**_lead("The lead is new."), **with_headers("Nextlead-Signal")},
            "200": {
                **_lead(
                    "The lead existed: the signal joined it, or nothing changed.",
                    "LeadWithClientOut",
                ),
                **with_headers("Nextlead-Signal"),
            },
        },
    }


def _post_next() -> dict[str, Any]:
    return {
        "tags": ["operators"],
        "summary": "Post Next",
        "description": "Claim the lead that is worth most for this operator now. At capacity, the"
        " answer is the lead that they hold, with the same token and a renewed lease.",
        "operationId": "claim_next_lead",
        **needs("operate", raises=(OffShift, OperatorFree, OperatorNotFound)),
        "parameters": [
            _parameter("operator", "path", "the operator who takes the lead", {"type": "string"}),
            _parameter(
                "wait",
                "query",
                "how many seconds to wait for a lead",
                {"type": "number", "minimum": 0, "maximum": 60, "default": 0},
            ),
            _parameter(
                "on_top",
                "query",
                "true: at capacity, take a live client on top of the leads held, when nobody is"
                " free (A7); it does not wait",
                {"type": "boolean", "default": False},
            ),
            ACCEPT_LANGUAGE,
        ],
        "responses": {
            "200": {
                **_lead("The claimed lead, with the token of its claim.", "ServedLeadOut"),
                **with_headers("Nextlead-Line"),
            },
            "204": {
                "description": "No lead waits for this operator.",
                **with_headers("Nextlead-Line"),
            },
        },
    }


def _post_webhook() -> dict[str, Any]:
    return {
        "tags": ["webhooks"],
        "summary": "Post Webhook",
        "description": "Take a request of a sender of webhooks. Its own proof takes the place of a"
        " key. The path may go on after the source. The methods are those of the"
        " adapter. The answer is what the sender expects, once the delivery is committed"
        " in PostgreSQL.",
        "operationId": "receive_webhook",
        "parameters": [
            _parameter("adapter", "path", "the adapter that reads the sender", {"type": "string"}),
            _parameter("source", "path", "the account of that sender", {"type": "string"}),
        ],
        "responses": {
            "200": {"description": "The delivery is stored, and read in a moment."},
            **{
                str(status): problem_reference(status)
                for status in sorted({STATUS_OF[kind] for kind in OF_WEBHOOKS})
            },
        },
    }


def _parameter(name: str, place: str, what: str, schema: dict[str, Any]) -> dict[str, Any]:
    required = place == "path"
    return {"name": name, "in": place, "required": required, "description": what, "schema": schema}


def _lead(description: str, model: str = "ExplainedLeadOut") -> dict[str, Any]:
    schema = {"$ref": REF.format(model=model)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
