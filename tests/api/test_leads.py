"""Posting leads and looking at them."""

import httpx


async def test_a_lead_is_answered_with_its_place(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/leads", json={"channel": "whatsapp", "budget": "5000", "urgency": 0.9}
    )
    assert answer.status_code == 201
    lead = answer.json()
    assert (lead["stage"], lead["score"], lead["cost_per_minute"]) == (600, 65.86, "895.03")
    assert lead["state"] == "waiting"
    assert lead["explanation"]["urgency"] == {"value": 0.9, "source": "stated", "rule": "A1"}
