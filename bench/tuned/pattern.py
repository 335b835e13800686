"""What the service writes in the life of one lead, read from its tables: the tuned floor's rows."""

import json
from typing import Any

import asyncpg
import httpx

OPERATOR = "pattern"
CLIENT = "client-0000001"
LEAD = {
    **{"channel": "whatsapp", "source": "bench", "external_id": "pattern"},
    "customer": {
        **{"external_id": CLIENT, "name": "Иван Петров", "phone": "+7 900 0000001"},
        **{"email": "client0000001@example.org", "messengers": {"telegram": "id0000001"}},
    },
    "text": "Здравствуйте, есть ли в наличии и сколько стоит с доставкой?",
    "items": [{"name": "Фильтр масляный", "quantity": 2, "price": "640.50"}],
    **{"vin": "XTA21099033434343", "intent": "sale", "paid": False},
    "attributes": {"page": "/vin", "utm_source": "yandex", "session": "4b645494"},
}
SALE = {"outcome": "won", "amount": "5200.00", "note": "paid by card"}

ADD_OPERATOR = f"""
INSERT INTO operators (name, queues, skills, capacity, created_at, changed_at)
VALUES ('{OPERATOR}', '{{main}}', '{{}}', 1, now(), now())
"""
ROWS = """
SELECT json_build_object(
    'lead', (SELECT row_to_json(leads) FROM leads),
    'card', (SELECT row_to_json(customers) FROM customers),
    'marks', (SELECT json_agg(lead_identities) FROM lead_identities),
    'learnt', coalesce((SELECT json_agg(customer_marks) FROM customer_marks), '[]'),
    'events', (SELECT json_agg(lead_events ORDER BY id) FROM lead_events),
    'ended', (SELECT row_to_json(ended_claims) FROM ended_claims)
)::text
"""
FORGET = (
    "TRUNCATE lead_events, lead_identities, lead_signals, ended_claims, fresh_outcomes",
    "DELETE FROM leads",
    "DELETE FROM customers",
    f"DELETE FROM operators WHERE name = '{OPERATOR}'",
)


async def pattern_of(client: httpx.AsyncClient, pool: asyncpg.Pool) -> dict[str, Any]:
    """Its rows while a lead waits, and those of its end; nothing of it stays."""
    await pool.execute(ADD_OPERATOR)
    (await client.post("/v1/leads", json=LEAD)).raise_for_status()
    waiting = await _rows(pool)
    served = (await client.post(f"/v1/operators/{OPERATOR}/next")).raise_for_status().json()
    end = {"token": served["claim"]["token"], **SALE}
    (await client.post(f"/v1/leads/{served['id']}/settle", json=end)).raise_for_status()
    settled = await _rows(pool)
    for statement in FORGET:
        await pool.execute(statement)
    return {**waiting, "settled": settled}


async def _rows(pool: asyncpg.Pool) -> dict[str, Any]:
    rows: dict[str, Any] = json.loads(await pool.fetchval(ROWS))
    return rows
