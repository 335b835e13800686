"""From a body to rows, by the pattern of a lead of the service."""

import hashlib
import secrets
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

# Postgres makes these; the rest of a lead is what the service wrote.
CARD_COLUMNS = ("external_id", "name", "phone", "email", "messengers")
MARKS = (("customer", 1), ("email", 3), ("messenger:telegram", 1), ("phone", 2))


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one lead; the lead itself is ready JSON, and its answer."""

    id: str
    rank: int
    lead: bytes
    card: Mapping[str, Any]
    marks: list[dict[str, Any]]
    learnt: list[dict[str, Any]]


class Pattern:
    """The constant parts of rows, encoded once."""

    def __init__(self, rows: Mapping[str, Any]) -> None:
        lead = {name: value for name, value in rows["lead"].items() if value is not None}
        self.columns = sorted({*lead, "budget", "urgency", "needed_by"})
        self._lead: dict[str, Any] = {
            name: orjson.Fragment(orjson.dumps(value)) if isinstance(value, dict | list) else value
            for name, value in lead.items()
        }
        settled, claimed = rows["settled"]["events"][-1], rows["settled"]["events"][1]
        self.claimed = orjson.dumps(claimed["details"]).decode()
        self.settled = orjson.dumps(settled["details"]).decode()
        self.context = orjson.dumps(rows["settled"]["card"]["context"]).decode()
        self.before = orjson.dumps(rows["settled"]["ended"]["before"]).decode()

    def rows_of(self, body: Mapping[str, Any]) -> Rows:
        """What is written for a body."""
        lead_id, now = str(uuid.uuid4()), datetime.now(UTC)  # noqa: TID251  it has no other clock
        client = body["customer"]
        rank = self._lead["rank"] - int(time.monotonic() * 1000)
        lead = {
            **self._lead,
            **{"id": lead_id, "created_at": now, "changed_at": now, "rank": rank},
            **{"channel": body["channel"], "source": body["source"]},
            **{"external_id": body["external_id"], "received_at": body["received_at"]},
            **{"asked_at": body["received_at"], "customer_id": client["external_id"]},
            **{"customer": client, "text": body["text"], "items": body["items"]},
            **{"budget": body.get("budget"), "urgency": body.get("urgency")},
            **{"needed_by": body.get("needed_by"), "vin": body["vin"]},
            **{"intent": body["intent"], "stated_intent": body["intent"], "paid": body["paid"]},
            "attributes": body["attributes"],
        }
        values = (client["external_id"], client["email"], client["messengers"]["telegram"])
        named = zip(MARKS, (*values, client["phone"].replace(" ", "")), strict=True)
        marks = [(f"{kind}:{value}", strength) for (kind, strength), value in named]
        return Rows(
            lead_id,
            rank,
            orjson.dumps(lead),
            {name: client[name] for name in CARD_COLUMNS},
            [
                {"queue": "main", "identity": mark, "lead_id": lead_id, "strength": strength}
                for mark, strength in marks
            ],
            [
                {"mark": mark, "external_id": client["external_id"], "strength": strength}
                for mark, strength in marks[1:]
            ],
        )


def as_rows(rows: Sequence[Rows]) -> tuple[str, str, str, str]:
    """Leads, cards, marks of leads and marks of cards, as the statement takes them."""
    return (
        f"[{b','.join(row.lead for row in rows).decode()}]",
        as_json([row.card for row in {row.card["external_id"]: row for row in rows}.values()]),
        as_json([mark for row in rows for mark in row.marks]),
        as_json([mark for row in rows for mark in row.learnt]),
    )


def as_ends(ends: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Ends of claims: the id of each lead, and the body of its request."""
    return as_json([{"id": lead_id, **_digests(body), **body} for lead_id, body in ends])


def as_json(rows: Sequence[object]) -> str:
    """Rows for a statement."""
    return orjson.dumps(rows).decode()


def _digests(body: Mapping[str, Any]) -> dict[str, str]:
    token, content = body["token"].encode(), repr(body).encode()
    return {
        "token_digest": f"\\x{hashlib.sha256(token).hexdigest()}",
        "content_digest": f"\\x{hashlib.sha256(content).hexdigest()}",
    }


def new_token() -> str:
    """A token for a claim."""
    return secrets.token_urlsafe(16)
