"""The head of openapi.yaml: a short introduction, the order of the tags, and examples."""

from typing import Any

FIVE_MINUTES = """\
1. `PUT /v1/operators/anna` with `{"queues": ["main"]}` lets somebody work.
2. `POST /v1/leads` takes a lead in; its answer says where it stands and why.
3. `POST /v1/operators/anna/next` hands out the lead that is worth most now, with a `token`.
4. `POST /v1/leads/{lead_id}/settle` with that token says how it ended.

Every request needs `Authorization: Bearer <key>`; each operation names the scope that its key
needs. Times are RFC 3339 in UTC, sums are strings with two decimals. A mistake is answered with a
problem document (RFC 9457) whose `type` stays; `x-problems` lists those of an operation.
`X-Request-Id` is taken or made, and answered. docs/api.md says the rest.
"""
TAGS = {
    "leads": "Take leads in, look at them, end claims.",
    "operators": "Who works, and the next lead for them.",
    "calls": "What telephony says of a call.",
    "signals": "What clients sent, joined into leads or split off.",
    "customers": "Cards, marks, and which of them are one client.",
    "supervision": "Pin, assign, take away, correct.",
    "queues": "Teams' lines and their figures.",
    "policies": "The rules that make the order.",
    "history": "What a queue did, by hour and day.",
    "vocabulary": "Words of clients that the policy does not know.",
    "webhooks": "Senders that post to us.",
    "subscriptions": "Events that we post to others.",
    "streams": "What happens, as it happens.",
    "keys": "Who may do what.",
    "health": "For those who run it; `/metrics` alone needs a key.",
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "LeadIn": {
        "channel": "whatsapp",
        "source": "wazzup",
        "external_id": "msg-4711",
        "customer": {"name": "Ирина", "phone": "+79161234567"},
        "text": "нужны тормозные колодки, машина на подъёмнике",
        "budget": "5000.00",
        "urgency": 0.9,
    },
    "SettleIn": {
        "token": "0Zc3…",
        "outcome": "won",
        "amount": "5200.00",
        "note": "оплатила картой",
    },
    "ParkIn": {"token": "0Zc3…", "until": "2026-06-11T09:00:00Z", "note": "ждёт зарплату"},
    "TransferIn": {"token": "0Zc3…", "operator": "boris", "note": "нужен счёт для юрлица"},
    "DeclineIn": {"token": "0Zc3…", "reason": "знакомый клиент"},
    "OperatorIn": {"queues": ["main"], "skills": ["vip"], "capacity": 2},
    "PresenceIn": {"status": "online"},
    "CardIn": {"name": "Ирина", "phone": "+79161234567", "class": "vip"},
    "SubscriptionIn": {"url": "https://crm.example.com/hooks", "types": ["lead.settled"]},
    "KeyIn": {"name": "site", "scopes": ["intake"]},
}


def describe_api(document: dict[str, Any]) -> None:
    """Add the introduction, the tags in order of use, and examples of request bodies."""
    document["info"]["description"] = FIVE_MINUTES
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    for name, example in EXAMPLES.items():
        document["components"]["schemas"][name]["examples"] = [example]
