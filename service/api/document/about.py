"""The head of openapi.yaml: a short introduction, the order of the tags, and examples."""

from typing import Any

FIVE_MINUTES = """\
1. `PUT /v1/operators/anna` with `{"queues": ["main"]}` creates an operator.
2. `POST /v1/leads` takes in a lead; the answer has its place in the line and the reasons.
3. `POST /v1/operators/anna/next` gives out the lead that is worth most now, with a `token`.
4. `POST /v1/leads/{lead_id}/settle` with that token ends the claim with an outcome.

Every request needs `Authorization: Bearer <key>`; each operation names the scope that the key
needs. Times are RFC 3339 in UTC; sums are strings with two decimals. A mistake is answered with a
problem document (RFC 9457) whose `type` never changes; `x-problems` lists those of an operation.
`X-Request-Id` is taken from the request or created, and answered. docs/api.md has the rest.
"""
TAGS = {
    "leads": "Take leads in, read them, claim them and end claims.",
    "operators": "Operators, their presence, and the next lead for each.",
    "calls": "Events of calls, from telephony.",
    "signals": "The signals of a lead; split a wrong join.",
    "customers": "Customers' cards and marks; find, merge, block and erase clients.",
    "supervision": "A supervisor's actions: pin, assign, take away, correct.",
    "queues": "Queues, one for each team, and their figures.",
    "policies": "The rules of the order, in versions.",
    "history": "A queue's figures by hour and day.",
    "vocabulary": "Clients' words that the policy does not know.",
    "webhooks": "Senders of webhooks: adapters, sources and deliveries.",
    "subscriptions": "Events that the service posts to others.",
    "streams": "Events over an open connection, as they happen.",
    "keys": "API keys and their scopes.",
    "health": "Health and metrics; only `/metrics` needs a key.",
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
