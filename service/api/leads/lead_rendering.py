"""Leads and what belongs to them as JSON; the shapes are those of `answers.py` and
`explanation_answers.py`."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from fastapi import Response

from service.api.customers.customer_rendering import client
from service.explaining.sentences import LANGUAGES, sentences
from service.flows.leads.view_leads import Explained
from service.leads.lead import Claim, Item, Lead, Signal, Standing
from service.ranking.decision import Decision
from service.storage.customers.clients import Client
from service.storage.leads.history import Record

LINE_HEADER = "Nextlead-Line"
SIGNAL_HEADER = "Nextlead-Signal"


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON response; times in UTC, money as decimal strings."""
    return Response(encode(value), status, headers, media_type="application/json")


def encode(value: object) -> bytes:
    """JSON of whatever the renderers below make."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z)


def line_header(*, from_line: bool) -> dict[str, str]:
    """Says when an answer came from Postgres because the line did not answer."""
    return {} if from_line else {LINE_HEADER: "degraded"}


def lead(one: Lead, *, tokens: bool, explained: bool = False) -> dict[str, Any]:
    """A lead; the token of its claim only for those who may use it."""
    standing = one.standing
    rendered = {
        "id": one.id,
        "state": one.state,
        **signal(one.signal),
        "asked_at": one.situation.asked_at,
        "kind": standing.kind,
        "intent": standing.intent,
        "stage": standing.stage,
        "score": float(standing.score),
        "cost_per_minute": money(standing.cost_per_minute),
        "policy_version": standing.policy_version,
        "version": one.version,
        "claim": None if one.claim is None else _claim(one.claim, tokens=tokens),
        "parked_until": one.parked_until,
        "parked_for": one.parked_for,
        "parked_by": one.parked_by,
        "outcome": one.outcome,
        "reason": one.reason,
        "amount": money(one.amount),
        "note": one.note,
        "price_profile": one.price_profile,
        "created_at": one.created_at,
        "settled_at": one.settled_at,
        "settled_by": one.settled_by,
        "follows": one.follows,
        "joined_into": one.joined_into,
        "split_from": one.split_from,
    }
    if explained:
        rendered["explanation"] = explanation(standing)
    return rendered


def served(one: Lead, why: Decision | None, of: Client | None) -> dict[str, Any]:
    """A lead that was claimed just now, for who holds it, with what is known of its client."""
    details_only = one.claim is not None and one.claim.on_top
    said = {"decision": decision(why), "client": client(of), "details_only": details_only}
    return {**lead(one, tokens=True, explained=True), **said}


def explanation(standing: Standing) -> dict[str, Any]:
    """Why a lead stands where it stands, and what time will change about it."""
    steps = [
        {
            "at": one.at,
            "stage": one.stage,
            "score": float(one.score),
            "source": one.source,
            "rule": one.rule,
        }
        for one in standing.timeline
    ]
    return {**standing.explanation, "next_steps": steps}


def whole_explanation(of: Explained) -> dict[str, Any]:
    """The explanation with the decision, and both in words."""
    told = of.lead.standing.explanation
    in_words = {name: sentences(told, of.steps, of.decision, name) for name in LANGUAGES}
    said = {"decision": decision(of.decision), "sentences": in_words}
    return {**explanation(of.lead.standing), **said}


def decision(why: Decision | None) -> dict[str, Any] | None:
    """Why a lead was served."""
    return None if why is None else {"kept_out": [], **why}


def event(record: Record) -> dict[str, Any]:
    """An event."""
    one = record.event
    return {
        "id": record.id,
        "at": one.at,
        "type": one.type,
        "actor": one.actor,
        "reason": one.reason,
        "before": record.state_before,
        "after": record.state_after,
        "details": one.details,
    }


def money(value: Decimal | float | None) -> str | None:
    """A sum as it is written, with two decimals."""
    return None if value is None else f"{value:.2f}"


def signal(told: Signal) -> dict[str, Any]:
    """What a client said."""
    return {
        "queue": told.queue,
        "channel": told.channel,
        "source": told.source,
        "external_id": told.external_id,
        "received_at": told.received_at,
        "live": told.live,
        "customer": told.customer,
        "text": told.text,
        "items": [_item(one) for one in told.items],
        "budget": money(told.budget),
        "urgency": told.urgency,
        "needed_by": told.needed_by,
        "vin": told.vin,
        "paid": told.paid,
        "attributes": told.attributes,
        "task": told.task,
    }


def _item(item: Item) -> dict[str, Any]:
    return {"name": item.name, "quantity": item.quantity, "price": money(item.price)}


def _claim(claim: Claim, *, tokens: bool) -> dict[str, Any]:
    return {
        "operator": claim.operator,
        "token": claim.token if tokens else None,
        "since": claim.since,
        "lease_until": claim.lease_until,
        "on_top": claim.on_top,
        "paused_since": claim.paused_since,
    }


def _plain(value: object) -> str:
    # asyncpg's ids are a subclass of UUID, which orjson does not take
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
