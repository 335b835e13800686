"""Leads and what belongs to them as JSON; the shapes are those of `answers.py` and
`explanation_answers.py`."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from fastapi import Response

from service.api.customers.customer_rendering import client
from service.api.masking import shown
from service.explaining.sentences import LANGUAGES, sentences
from service.flows.leads.view_leads import Explained
from service.leads.customer import Customer
from service.leads.lead import Claim, Item, Lead, Ranking, Signal
from service.ranking.decision import Decision
from service.rules.hints import Hint
from service.storage.customers.clients import Client
from service.storage.leads.history import Record

LINE_HEADER = "Nextlead-Line"
SIGNAL_HEADER = "Nextlead-Signal"


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON response; times in UTC, money as decimal strings."""
    return Response(encode(value), status, headers, media_type="application/json")


def encode(value: object) -> bytes:
    """JSON of whatever the renderers below make, masked for keys without `personal`."""
    return orjson.dumps(shown(value), default=_plain, option=orjson.OPT_UTC_Z)


def line_header(*, from_line: bool) -> dict[str, str]:
    """Says when an answer came from Postgres because the line did not answer."""
    return {} if from_line else {LINE_HEADER: "degraded"}


def lead(item: Lead, *, tokens: bool, explained: bool = False) -> dict[str, Any]:
    """A lead; the token of its claim only for those who may use it."""
    ranking = item.ranking
    rendered = {
        "id": item.id,
        "state": item.state,
        **signal(item.signal),
        "currency": item.signal.currency or ranking.explanation.get("currency"),
        "asked_at": item.situation.asked_at,
        "kind": ranking.kind,
        "intent": ranking.intent,
        "stage": ranking.stage,
        "score": float(ranking.score),
        "cost_per_minute": money(ranking.cost_per_minute),
        "policy_version": ranking.policy_version,
        "version": item.version,
        "claim": None if item.claim is None else _claim(item.claim, tokens=tokens),
        "first_answer_at": item.first_answer_at,
        "parked_until": item.parked_until,
        "parked_for": item.parked_for,
        "parked_by": item.parked_by,
        "outcome": item.outcome,
        "reason": item.reason,
        "amount": money(item.amount),
        "amount_currency": None if item.amount is None else ranking.explanation.get("currency"),
        "note": item.note,
        "price_profile": item.price_profile,
        "created_at": item.created_at,
        "settled_at": item.settled_at,
        "settled_by": item.settled_by,
        "follows": item.follows,
        "joined_into": item.joined_into,
        "split_from": item.split_from,
        "possibly_same": item.possibly_same,
    }
    if explained:
        rendered["explanation"] = explanation(ranking)
    return rendered


def served(
    item: Lead, why: Decision | None, of: Client | None, hints: Iterable[Hint]
) -> dict[str, Any]:
    """A lead that was claimed just now, for who holds it, with what is known of its client."""
    details_only = item.claim is not None and item.claim.on_top
    sent = {
        "decision": decision(why),
        "client": client(of),
        "details_only": details_only,
        "hints": [{"text": hint.text, "rule": hint.rule} for hint in hints],
    }
    return {**lead(item, tokens=True, explained=True), **sent}


def explanation(ranking: Ranking) -> dict[str, Any]:
    """Why a lead stands where it stands, and what time will change about it."""
    steps = [
        {
            "at": item.at,
            "stage": item.stage,
            "score": float(item.score),
            "source": item.source,
            "rule": item.rule,
        }
        for item in ranking.timeline
    ]
    return {**ranking.explanation, "next_steps": steps}


def whole_explanation(of: Explained) -> dict[str, Any]:
    """The explanation with the decision, and both in words."""
    reported = of.lead.ranking.explanation
    in_words = {name: sentences(reported, of.steps, of.decision, name) for name in LANGUAGES}
    sent = {"decision": decision(of.decision), "sentences": in_words}
    return {**explanation(of.lead.ranking), **sent}


def decision(why: Decision | None) -> dict[str, Any] | None:
    """Why a lead was served."""
    return None if why is None else {"not_eligible": [], **why}


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


def signal(reported: Signal) -> dict[str, Any]:
    """One signal of a client."""
    return {
        "queue": reported.queue,
        "channel": reported.channel,
        "source": reported.source,
        "external_id": reported.external_id,
        "received_at": reported.received_at,
        "live": reported.live,
        "customer": customer(reported.customer),
        "text": reported.text,
        "items": [_item(item) for item in reported.items],
        "budget": money(reported.budget),
        "currency": reported.currency,
        "urgency": reported.urgency,
        "needed_by": reported.needed_by,
        "vin": reported.vin,
        "paid": reported.paid,
        "attributes": reported.attributes,
        "task": reported.task,
        "show": None if reported.show is None else reported.show.written,
    }


def customer(reported: Customer | None) -> dict[str, Any] | None:
    """The client: their own marks, and what is only mentioned."""
    if reported is None:
        return None
    return {
        "external_id": reported.external_id,
        "name": reported.name,
        "phone": reported.phone,
        "phones": reported.phones,
        "email": reported.email,
        "messengers": reported.messengers,
        "mentioned": [
            {name: value for name, value in (("phone", item.phone), ("email", item.email)) if value}
            | {"from": item.found_in}
            for item in reported.mentioned
        ],
        "recognised": reported.recognised,
    }


def _item(item: Item) -> dict[str, Any]:
    price = money(item.price)
    return {"name": item.name, "quantity": item.quantity, "price": price, "currency": item.currency}


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
