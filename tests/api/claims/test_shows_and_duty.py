"""Shows go to their team with all it must know (B15); duty takes mail and what was left (B20)."""

from typing import Any

import pytest
from doors import wrong_fields
from shop import Lead, Shop

SHOW: dict[str, Any] = {
    "date": "2026-12-20", "place": "Парк Горького", "guests": 120, "occasion": "юбилей",
    "budget": "150000.00", "wishes": "под музыку",
}  # fmt: skip


@pytest.mark.parametrize("missing", SHOW)
async def test_the_show_team_is_told_everything(shop: Shop, missing: str) -> None:
    await shop.staff("vera", "shows")
    held = await shop.serve("anna", await shop.comes("a show", text="салют на юбилей"), "A6")
    path, token = f"/leads/{held['id']}/transfer", held["claim"]["token"]
    known = {name: value for name, value in SHOW.items() if name != missing}
    sent: dict[str, Any] = {"token": token, "skill": "shows", "note": "всё записано"}
    refused = await shop.call("POST", path, **sent, show=known)
    assert wrong_fields(refused) == [f"show.{missing}"]
    handed = await shop.ask("POST", path, **sent, show=SHOW)
    assert handed["show"] == SHOW
    taken = await shop.serve("vera", held, "B15")
    assert taken["show"] == SHOW


async def test_what_the_lead_says_already_is_not_asked_again(shop: Shop) -> None:
    await shop.staff("vera", "shows")
    client = {"customer": {"phone": "+79161234567"}}
    lead = await shop.comes("a show", show={"date": SHOW["date"], "guests": 100}, **client)
    await shop.comes("more of it", text="и ещё", show={"guests": 120, "place": "парк"}, **client)
    known = await shop.ask("PATCH", f"/leads/{lead['id']}", show={**SHOW, "wishes": None})
    assert known["show"] == {**SHOW, "wishes": None}
    held = await shop.serve("anna", lead, "A6")
    await shop.end(held, "transfer", skill="shows", note="n", show={"wishes": "тихий"})
    assert (await shop.serve("vera", lead, "B15"))["show"] == {**SHOW, "wishes": "тихий"}


async def test_two_words_of_a_show_are_one(shop: Shop) -> None:
    client = {"customer": {"phone": "+79161234567"}}
    lead = await shop.comes("a show", show={"date": SHOW["date"], "guests": 100}, **client)
    again = await shop.comes("more", text="и ещё", show={"guests": 120, "place": "парк"}, **client)
    assert again["id"] == lead["id"]
    found = {name: value for name, value in again["show"].items() if value is not None}
    assert found == {"date": SHOW["date"], "guests": 120, "place": "парк"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"guests": 0}, "show.guests"),
        ({"guests": "10"}, "show.guests"),
        ({"date": "20.12.2026"}, "show.date"),
        ({"budget": -1}, "show.budget"),
        ({"dj": True}, "show.dj"),
    ],
)
async def test_nonsense_of_a_show_is_refused(shop: Shop, wrong: Any, field: str) -> None:
    refused = await shop.call("POST", "/leads", channel="whatsapp", show=wrong)
    assert wrong_fields(refused) == [field]


async def letter(shop: Shop) -> Lead:
    return await shop.comes("a letter", channel="email", text="нужны стойки")


async def test_common_mail_is_the_duty_operators_while_there_is_one(shop: Shop) -> None:
    await shop.staff("mila", "duty")
    mail = await letter(shop)
    await shop.serve("anna", None, "B20")
    await shop.serve("mila", mail, "B20")


async def test_without_one_it_is_everybodys_and_nobody_is_missed(shop: Shop) -> None:
    mail = await letter(shop)
    await shop.serve("anna", mail, "B20")
    assert await shop.queue_events("queue.unstaffed") == []


async def test_mail_that_the_duty_operator_leaves_is_everybodys_in_the_end(shop: Shop) -> None:
    await shop.staff("mila", "duty")
    mail = await letter(shop)
    await shop.wait(minutes=61)
    await shop.serve("anna", mail, "B20")


async def test_mail_of_a_client_who_has_an_operator_goes_there(shop: Shop) -> None:
    await shop.staff("mila", "duty")
    order = [{"number": "1", "operator": "boris", "opened_at": "2026-06-09T10:00:00Z"}]
    await shop.ask("PUT", "/customers/c-1", orders=order)
    mail = await shop.comes("a letter", channel="email", customer={"external_id": "c-1"})
    await shop.serve("mila", None, "B2")
    await shop.serve("boris", mail, "B2")


async def test_what_was_left_at_the_end_of_a_shift_is_the_duty_operators(shop: Shop) -> None:
    await shop.staff("mila", "duty")
    lead = await shop.comes("a chat")
    await shop.serve("anna", lead, "A6")
    await shop.leaves("anna")
    await shop.wait(minutes=3)
    await shop.serve("boris", None, "B10, B20")
    events = (await shop.ask("GET", f"/leads/{lead['id']}/events"))["events"]
    assert events[-1]["details"] == {"from": "anna", "to": {"skill": "duty"}}
    await shop.serve("mila", lead, "B20")


async def test_who_only_looked_away_leaves_it_to_all(shop: Shop) -> None:
    await shop.staff("mila", "duty")
    lead = await shop.comes("a chat")
    await shop.serve("anna", lead, "A6")
    shop.on_duty.discard("anna")
    await shop.wait(minutes=3)
    await shop.serve("boris", lead, "B10")


async def test_hints_of_the_policy_come_with_the_lead(shop: Shop) -> None:
    chat, call = await shop.comes("a chat"), await shop.comes("a call", channel="phone", live=True)
    assert [hint["rule"] for hint in (await shop.serve("anna", call, "A4"))["hints"]] == ["A12"]
    claimed = await shop.ask("POST", f"/leads/{chat['id']}/claim", operator="boris")
    assert [hint["rule"] for hint in claimed["hints"]] == ["B13"]
    assert claimed["hints"][0]["text"].startswith("На вопрос в чате")


async def test_a_policy_says_its_own(shop: Shop) -> None:
    hints = [{"text": "Warn logistics.", "rule": "A25", "intents": ["return"]}]
    await shop.policy(hints=hints)
    back = await shop.comes("a return", text="хочу вернуть заказ, не подошло")
    plain = await shop.comes("a chat", text="клипса")
    for operator, lead, count in (("anna", back, 1), ("boris", plain, 0)):
        claimed = await shop.ask("POST", f"/leads/{lead['id']}/claim", operator=operator)
        assert len(claimed["hints"]) == count
