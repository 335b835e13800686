"""The two most frequent calls, as plain Starlette routes that validate the raw body.

FastAPI's dependencies and response models would cost more than all the work of these calls. Their
part of openapi.yaml is in `openapi.py`.
"""

import hashlib

from fastapi import Request, Response
from starlette.routing import Route

from service.api.body import StrictRequest, read_model
from service.api.dependencies import authorise, may_read_all, resources_of, sees_token, sender_of
from service.api.headers import header_of
from service.api.leads import lead_rendering
from service.api.leads.redaction import is_recognised, redact_for
from service.api.query import refuse_unknown
from service.api.rule_titles import MAX_HEADER_LENGTH, preferred_language, titled_lead
from service.explaining.sentences import LanguageName
from service.flows.claims.claim_next import claim_next, claim_next_within
from service.flows.claims.take_on_top import take_on_top
from service.flows.customers.view_client import view_client, view_hints
from service.flows.leads.receive_signal import receive_signal
from service.leads.errors import FieldMistake, InvalidRequest
from service.schemas.leads import LeadIn
from service.storage.api_keys import Key

MAX_WAIT_SECONDS = 60
MAX_KEY_LENGTH = 200


async def create_lead(request: Request) -> Response:
    """Open a lead, join the client's open lead, or answer the lead of a repeated signal."""
    key = await authorise(request, "intake", "/v1/leads")
    refuse_unknown(request, ())
    resources = resources_of(request)
    strict = request
    if not isinstance(strict, StrictRequest):
        strict = StrictRequest(request.scope, request.receive)
    sent = _of_key(await read_model(strict, LeadIn), key)
    idempotency_key = _idempotency_key(request)
    digest = hashlib.sha256(await strict.body()).digest() if idempotency_key else None
    signal = sent.to_signal(resources.clock.now(), key.name)
    sender = sender_of(key, idempotency_key, digest)
    received = await receive_signal(resources, signal, sender, sent.to_context())
    request.state.lead_id = received.lead.id
    if received.created and (may_read_all(key) or not is_recognised(received.lead)):
        body = lead_rendering.lead(
            received.lead, tokens=sees_token(key, received.lead), explained=True
        )
    else:
        body = await redact_for(resources, received.lead, key, explained=True)
    headers = {lead_rendering.SIGNAL_HEADER: received.way.value}
    body = titled_lead(body, _language(request))
    return lead_rendering.answer(body, 201 if received.created else 200, headers)


async def claim_next_lead(request: Request) -> Response:
    """Claim the lead that is worth most for this operator now."""
    await authorise(request, "operate", "/v1/operators/{operator}/next")
    refuse_unknown(request, ("wait", "on_top"))
    resources, operator = resources_of(request), request.path_params["operator"]
    wait = _wait_seconds(request)
    if _says_on_top(request):
        served = await take_on_top(resources, operator)
    elif wait == 0:
        served = await claim_next(resources, operator, with_client=True)
    else:
        served = await claim_next_within(resources, operator, wait, request.is_disconnected)
    headers = lead_rendering.line_header(from_line=served.from_line)
    if served.lead is None:
        return Response(status_code=204, headers=headers)
    request.state.lead_id = served.lead.id
    client = served.client or await view_client(resources, served.lead)
    hints = await view_hints(resources, served.lead)
    body = lead_rendering.served(served.lead, served.decision, client, hints)
    return lead_rendering.answer(titled_lead(body, _language(request)), headers=headers)


ROUTES = [
    Route("/v1/leads", create_lead, methods=["POST"]),
    Route("/v1/operators/{operator}/next", claim_next_lead, methods=["POST"]),
]


def _of_key(sent: LeadIn, key: Key) -> LeadIn:
    """The body. A missing queue or source is filled in when the key is bound to a single one."""
    named = {"queue": key.binding.only_queue(), "source": key.binding.only_source()}
    unset = {
        name: value
        for name, value in named.items()
        if value is not None and name not in sent.model_fields_set
    }
    return sent.model_copy(update=unset) if unset else sent


def _language(request: Request) -> LanguageName:
    return preferred_language(
        (header_of(request.scope, b"accept-language") or "")[:MAX_HEADER_LENGTH]
    )


def _idempotency_key(request: Request) -> str | None:
    key = header_of(request.scope, b"idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_LENGTH or "\0" in key:
        remedy = f"Send 1 to {MAX_KEY_LENGTH} characters, a UUID for example."
        raise InvalidRequest([FieldMistake("Idempotency-Key", "its length is wrong", remedy)])
    return key


def _says_on_top(request: Request) -> bool:
    if not request.scope["query_string"]:
        return False
    given = request.query_params.get("on_top", "false")
    if given not in ("true", "false"):
        raise InvalidRequest(
            [FieldMistake("on_top", "it is neither true nor false", "Send true or false.")]
        )
    return given == "true"


def _wait_seconds(request: Request) -> float:
    if not request.scope["query_string"]:
        return 0
    given = request.query_params.get("wait", "0")
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= MAX_WAIT_SECONDS:
        remedy = f"Send seconds from 0 to {MAX_WAIT_SECONDS}."
        raise InvalidRequest(
            [FieldMistake("wait", f"it is no number from 0 to {MAX_WAIT_SECONDS}", remedy)]
        )
    return seconds
