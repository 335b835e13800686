"""Explanations and decisions over HTTP: in numbers, and in words of two languages."""

from typing import Any

import httpx
import pytest
from doors import do, post_lead, take_next


async def claim(client: httpx.AsyncClient, lead: dict[str, Any], operator: str) -> httpx.Response:
    return await client.post(f"/v1/leads/{lead['id']}/claim", json={"operator": operator})


async def explained(client: httpx.AsyncClient, lead: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/v1/leads/{lead['id']}/explanation")
    assert answer.status_code == 200, answer.text
    reported: dict[str, Any] = answer.json()
    return reported


async def test_the_explanation_is_the_one_that_the_lead_came_with(
    client: httpx.AsyncClient,
) -> None:
    lead = await post_lead(client, budget=5000, urgency=0.9)
    reported = await explained(client, lead)
    assert (reported.pop("decision"), len(reported.pop("sentences"))) == (None, 2)
    assert reported == lead["explanation"]
    assert (await take_next(client))["explanation"] == lead["explanation"]


async def test_the_explanation_is_told_in_words_of_two_languages(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, budget=5000, urgency=0.9, customer={"name": "Irina"})
    sent = (await explained(client, lead))["sentences"]
    assert sent["en"][3] == "The order may be worth 5,000 RUB: stated with the request (rule A1)."
    assert sent["ru"][3] == (
        "Возможная сумма заказа — 5\u00a0000\u00a0₽: указана в обращении (правило A1)."
    )
    assert sent["en"][-2].startswith("From 2026-06-10 12:05 MSK: stage 620")
    assert [sent[name][-1] for name in ("en", "ru")] == [
        "Nobody has taken it yet.",
        "Обращение ещё никто не брал.",
    ]
    assert "Irina" not in f"{sent}"


async def test_the_explanation_keeps_the_decision_of_the_last_claim(
    client: httpx.AsyncClient,
) -> None:
    lead, second = await post_lead(client, budget=2000), await post_lead(client, budget=1000)
    taken = await take_next(client)
    await do(client, taken, "settle", outcome="won", amount=5, note="paid")
    reported = await explained(client, lead)
    assert reported["decision"] == taken["decision"]
    assert reported["decision"]["second"]["lead_id"] == second["id"]
    assert reported["sentences"]["en"][-3:] == [
        "Time alone will not change its place.",
        f"It was served because no lead that this operator may take stood higher: stage 600,"
        f" score {lead['score']}.",
        f"Second was lead {second['id']}: its score {second['score']} is lower by"
        f" {round(lead['score'] - second['score'], 2)} (rule A4).",
    ]


async def test_an_answer_says_why_the_lead_was_served(client: httpx.AsyncClient) -> None:
    second, first = await post_lead(client, budget=1000), await post_lead(client, budget=2000)
    assert (await take_next(client))["decision"] == {
        "way": "line",
        "rank": first["explanation"]["rank"],
        "stage": 600,
        "score": first["score"],
        "second": {
            "lead_id": second["id"],
            "rank": second["explanation"]["rank"],
            "stage": 600,
            "score": second["score"],
            "behind_by": "score",
            "by": pytest.approx(first["score"] - second["score"]),
            "rule": "A4",
            "title": "The money that waiting would lose decides, not the chance alone.",
        },
        "not_eligible": [],
        "guarantee": None,
    }


async def test_a_lead_that_was_asked_for_says_so(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    await post_lead(client, channel="walk_in")
    assert (await claim(client, lead, "anna")).json()["decision"] == {
        "way": "asked_for",
        "rank": lead["explanation"]["rank"],
        "stage": lead["stage"],
        "score": lead["score"],
        "second": None,
        "not_eligible": [],
        "guarantee": None,
    }


async def test_who_asks_again_is_told_the_same(client: httpx.AsyncClient) -> None:
    await post_lead(client, budget=1000)
    await post_lead(client, budget=2000)
    first = await take_next(client)
    await post_lead(client, budget=3000)
    again, by_id = await take_next(client), (await claim(client, first, "anna")).json()
    assert again["decision"] == by_id["decision"] == first["decision"]
    assert again["claim"] == by_id["claim"] == first["claim"]
