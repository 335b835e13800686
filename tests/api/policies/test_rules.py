"""Rules are answered with a title beside their id, in the reader's language."""

from typing import Any

import httpx
import pytest
from doors import post_lead, take_next
from policy_doors import put_next, text_in_force

from service.api.rule_titles import preferred_language, titled

ENGLISH, RUSSIAN = "Urgency beats budget.", "Срочность важнее бюджета."
LEAD = {"channel": "telegram", "text": "brake pads, the car is on the lift"}


def rules_without_title(value: Any) -> list[Any]:
    """What cites a rule and does not say what it is, at any depth."""
    if isinstance(value, dict):
        bare = [value] if "rule" in value and not value.get("title") else []
        named = [name for name in value if name.endswith("_rule") and value[name]]
        bare += [name for name in named if not value.get(f"{name}_title")]
        return bare + rules_without_title(list(value.values()))
    if isinstance(value, list):
        return [found for part in value for found in rules_without_title(part)]
    return []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("RU-ru", "ru"),
        ("de, ru;q=0.4, en;q=0.8", "en"),
        ("en;q=0.3,ru;q=0.7", "ru"),
        ("de-AT, ru;q=0.1", "ru"),
        ("ru;q=0, *", "en"),
        ("ru;q=nonsense, en", "en"),
        ("ru;q=nan, en;q=0.1", "en"),
        ("rub, enough", "en"),
        (";;,,=;q", "en"),
    ],
)
def test_the_language_is_the_one_that_the_reader_prefers(header: str, language: str) -> None:
    assert preferred_language(header) == language


async def test_a_posted_lead_and_the_next_one_have_titles(client: httpx.AsyncClient) -> None:
    for header, title in (("ru-RU", RUSSIAN), ("en-GB", ENGLISH)):
        client.headers["accept-language"] = header
        posted = (await client.post("/v1/leads", json=LEAD)).json()["explanation"]
        assert posted["urgency"]["title"] == posted["text"]["signals"][0]["title"] == title
        assert rules_without_title(posted) == []
    taken = await take_next(client)
    assert taken["explanation"]["urgency"]["title"] == ENGLISH
    assert taken["decision"]["second"]["title"]
    assert rules_without_title(taken) == []


async def test_a_repeated_and_a_claimed_lead_have_titles(client: httpx.AsyncClient) -> None:
    sent = {**LEAD, "external_id": "m-1"}
    for _ in range(2):
        answer = await client.post("/v1/leads", json=sent, headers={"accept-language": "ru"})
    lead = answer.json()
    assert (answer.status_code, lead["explanation"]["urgency"]["title"]) == (200, RUSSIAN)
    to = f"/v1/leads/{lead['id']}/claim?lang=ru"
    claimed = (await client.post(to, json={"operator": "anna"})).json()
    assert claimed["explanation"]["urgency"]["title"] == RUSSIAN


async def test_an_explanation_has_titles_in_the_language_asked_for(
    client: httpx.AsyncClient,
) -> None:
    lead = await post_lead(client, **LEAD)
    await take_next(client)
    to = f"/v1/leads/{lead['id']}/explanation"
    found = (await client.get(to, params={"lang": "ru"}, headers={"accept-language": "en"})).json()
    assert found["urgency"]["title"] == RUSSIAN
    assert rules_without_title(found) == []
    assert (await client.get(to, params={"lang": "de"})).status_code == 422


async def test_the_claim_in_the_history_has_titles(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, **LEAD)
    await take_next(client)
    found = (await client.get(f"/v1/leads/{lead['id']}/events", params={"lang": "ru"})).json()
    received, claimed = found["events"]
    assert received["details"] is None
    assert claimed["details"]["explanation"]["urgency"]["title"] == RUSSIAN


async def test_an_owner_comes_with_the_title_of_the_rule(client: httpx.AsyncClient) -> None:
    card = {"orders": [{"number": "7", "operator": "anna", "opened_at": "2026-06-09T09:00:00Z"}]}
    await client.put("/v1/customers/c-1", json=card)
    lead = await post_lead(client, **LEAD, customer={"external_id": "c-1"})
    routing = lead["explanation"]["routing"]
    assert (routing["owner_rule"], routing["skills_rule"]) == ("B2", None)
    assert routing["owner_rule_title"] == "A client with an order in work goes to its operator."
    assert routing["skills_rule_title"] is None


async def test_what_a_sender_calls_a_rule_is_left_as_it_is(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, **LEAD, attributes={"rule": "A5", "my_rule": "x"})
    assert lead["attributes"] == {"rule": "A5", "my_rule": "x"}


async def test_a_rule_of_the_shop_has_no_title(client: httpx.AsyncClient) -> None:
    own = "- {signal: red_alert, phrases: [red alert], urgency: 1.0, rule: C7}\n"
    await put_next(client, await text_in_force(client) + own, 2)
    lead = await post_lead(client, channel="telegram", text="red alert")
    assert lead["explanation"]["text"]["signals"][0] == {
        "signal": "red_alert",
        "quantity": 1,
        "rule": "C7",
        "title": None,
    }


async def test_the_rules_are_listed(client: httpx.AsyncClient) -> None:
    for language, title in (("en", ENGLISH), ("ru", RUSSIAN)):
        found = (await client.get("/v1/rules", params={"lang": language})).json()["rules"]
        assert len(found) == 51
        assert found[4] == {"id": "A5", "title": title}


def test_titles_stand_at_any_depth() -> None:
    cited = {"why": [{"rule": "A5"}, (1, {"before": {"rule": "C7"}})]}
    assert titled(cited, "en") == {
        "why": [
            {"rule": "A5", "title": ENGLISH},
            [1, {"before": {"rule": "C7", "title": None}}],
        ]
    }
