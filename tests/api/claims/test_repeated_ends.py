"""The same report of the end of a claim, sent again, is answered as the first time (24 hours)."""

from typing import Any

import pytest
from doors import problem_in
from shop import Shop

ENDS: dict[str, dict[str, Any]] = {
    "release": {"reason": "lunch"},
    "decline": {"reason": "not mine"},
    "park": {"until": "2026-06-11T10:00:00Z", "note": "asks his wife"},
    "transfer": {"operator": "boris", "note": "asks for Boris"},
    "settle": {"outcome": "won", "amount": "5200", "note": "paid"},
}


@pytest.mark.parametrize("verb", ENDS)
async def test_the_same_report_is_answered_again_and_changes_nothing(shop: Shop, verb: str) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    token, path = held["claim"]["token"], f"/leads/{held['id']}/{verb}"
    ended = await shop.ask("POST", path, token=token, **ENDS[verb])
    events = await shop.events(held)
    again = await shop.call("POST", path, token=token, **ENDS[verb])
    assert (again.status_code, again.json()) == (200, ended)
    assert await shop.events(held) == events


@pytest.mark.parametrize("verb", ENDS)
async def test_another_report_with_the_same_token_is_told_how_it_ended(
    shop: Shop, verb: str
) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    await shop.end(held, verb, **ENDS[verb])
    other = {"outcome": "lost", "reason": "too dear", "note": "n"}
    path = f"/leads/{held['id']}/settle"
    refused = await shop.call("POST", path, token=held["claim"]["token"], **other)
    detail = problem_in(refused, 409, "claim-gone")["detail"]
    assert f"anna ended this claim with `{verb}`" in detail


async def test_a_sum_is_the_same_however_it_is_written(shop: Shop) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    await shop.end(held, outcome="won", amount="5200", note="paid")
    await shop.end(held, outcome="won", amount="5200.00", note="paid")
    path, token = f"/leads/{held['id']}/settle", held["claim"]["token"]
    sent = {"outcome": "won", "amount": "5200.01", "note": "paid"}
    problem_in(await shop.call("POST", path, token=token, **sent), 409, "claim-gone")


async def test_a_repeated_report_shows_nobody_elses_token(shop: Shop) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    await shop.end(held, "decline", reason="not mine")
    await shop.serve("boris", held, "B11")
    again = await shop.end(held, "decline", reason="not mine")
    assert again["claim"]["operator"] == "boris"
    assert again["claim"]["token"] is None


async def test_after_a_day_the_claim_is_simply_gone(shop: Shop) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    await shop.end(held, outcome="won", amount="1", note="n")
    await shop.wait(hours=23, minutes=59)
    await shop.end(held, outcome="won", amount="1", note="n")
    await shop.wait(minutes=2)
    path, token = f"/leads/{held['id']}/settle", held["claim"]["token"]
    sent = {"outcome": "won", "amount": "1", "note": "n"}
    problem_in(await shop.call("POST", path, token=token, **sent), 409, "claim-gone")
    rows = await shop.stores.stores.database.fetch("SELECT count(*) AS n FROM ended_claims")
    assert rows[0]["n"] == 0


async def test_claiming_a_lead_that_one_holds_answers_the_claim(shop: Shop) -> None:
    held = await shop.serve("anna", await shop.comes("a chat"), "A6")
    again = await shop.ask("POST", f"/leads/{held['id']}/claim", operator="anna")
    assert again["claim"]["token"] == held["claim"]["token"]
