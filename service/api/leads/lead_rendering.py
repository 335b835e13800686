"""Leads and their parts as JSON, in the shapes of `lead_answers.py`."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from fastapi import Response

from service.api.customers.customer_rendering import client
from service.api.leads.lead_answers import ClaimOut, CustomerOut, ItemOut, LeadOut
from service.api.leads.listed_fields import Made, Places, rendering_of
from service.api.masking import shown
from service.explaining.sentences import LANGUAGES, sentences
from service.flows.leads.view_leads import Explained
from service.leads.customer import Customer, Mention
from service.leads.lead import Claim, Item, Lead, Ranking, RankingInput, Signal
from service.ranking.decision import Decision
from service.rules.hints import Hint
from service.slices import in_slices
from service.storage.customers.clients import Client
from service.storage.leads.history import Record

LINE_HEADER = "Nextlead-Line"
SIGNAL_HEADER = "Nextlead-Signal"


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON response. Times are in UTC, and money is decimal text."""
    return Response(encode(value), status, headers, media_type="application/json")


def encode(value: object) -> bytes:
    """The JSON of a rendered value, masked for keys that may not see personal data."""
    return orjson.dumps(shown(value), default=_plain, option=orjson.OPT_UTC_Z)


async def each(render: Callable[[Any], object], items: Iterable[Any]) -> list[orjson.Fragment]:
    """Each item as JSON, masked if need be; others are served after every few of them."""
    return await in_slices(lambda item: orjson.Fragment(encode(render(item))), items)


def line_header(*, from_line: bool) -> dict[str, str]:
    """The header of an answer that came from Postgres because the line did not answer."""
    return {} if from_line else {LINE_HEADER: "degraded"}


def lead(item: Lead, *, tokens: bool, explained: bool = False) -> dict[str, Any]:
    """A lead. `tokens` adds the token of its claim."""
    rendered = _lead(item)
    if tokens and item.claim is not None:
        rendered["claim"]["token"] = item.claim.token
    if explained:
        rendered["explanation"] = explanation(item.ranking)
    return rendered


def served(
    item: Lead, why: Decision | None, of: Client | None, hints: Iterable[Hint]
) -> dict[str, Any]:
    """A lead that was just claimed, with its client's history, for its holder."""
    details_only = item.claim is not None and item.claim.on_top
    sent = {
        "decision": decision(why),
        "client": client(of),
        "details_only": details_only,
        "hints": [{"text": hint.text, "rule": hint.rule} for hint in hints],
    }
    return {**lead(item, tokens=True, explained=True), **sent}


def explanation(ranking: Ranking) -> dict[str, Any]:
    """Why a lead stands where it stands, and how time will change its place."""
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
    """The explanation and the decision, also in sentences."""
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
    """A sum as text with two decimals."""
    return None if value is None else f"{value:.2f}"


def _mention(item: Mention) -> dict[str, Any]:
    sent = (("phone", item.phone), ("email", item.email))
    return {name: value for name, value in sent if value} | {"from": item.found_in}


def _none_or(render: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: None if value is None else render(value)


customer = _none_or(
    rendering_of(
        CustomerOut,
        {"": Customer},
        {"mentioned": lambda of: [_mention(item) for item in of.mentioned]},
    )
)
_claim = _none_or(rendering_of(ClaimOut, {"": Claim}, {"token": lambda _: None}))
article = rendering_of(ItemOut, {"": Item}, {"price": lambda item: money(item.price)})
# Fields of a lead that are written in another form than they are stored.
_MADE: Made = {
    "claim": lambda lead: _claim(lead.claim),
    "customer": lambda lead: customer(lead.signal.customer),
    "items": lambda lead: [article(item) for item in lead.signal.items],
    "budget": lambda lead: money(lead.signal.budget),
    "currency": lambda lead: lead.signal.currency or lead.ranking.explanation.get("currency"),
    "show": lambda lead: None if lead.signal.show is None else lead.signal.show.written,
    "score": lambda lead: float(lead.ranking.score),
    "cost_per_minute": lambda lead: money(lead.ranking.cost_per_minute),
    "amount": lambda lead: money(lead.amount),
    "amount_currency": lambda lead: (
        None if lead.amount is None else lead.ranking.explanation.get("currency")
    ),
}
_LEAD_PLACES: Places = {
    "": Lead,
    "ranking": Ranking,
    "situation": RankingInput,
    "situation.signal": Signal,
}
_lead = rendering_of(LeadOut, _LEAD_PLACES, _MADE)


def _plain(value: object) -> str:
    # asyncpg's ids are of a subclass of UUID, and orjson refuses it
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
