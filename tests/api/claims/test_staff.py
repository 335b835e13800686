"""Super VIPs and complaints are served by their staff or the head of sales, whoever asks how.

Rules B3, B4, B15, A21; scenarios S04, S11, S19.
"""

from typing import Any

import httpx
import pytest
from doors import Newcomer, problem_in
from shop import Shop

COMPLAINT = {"text": "жалоба! верните деньги"}
UNSTAFFED = "queue.unstaffed"


async def super_vip(shop: Shop, **sent: Any) -> dict[str, Any]:
    await shop.ask("PUT", "/customers/vip", **{"class": "super_vip"})
    return await shop.comes("a super VIP", customer={"external_id": "vip"}, **sent)


async def test_a_complaint_waits_for_staff_that_was_never_made_and_that_is_told(
    shop: Shop,
) -> None:
    angry = await shop.comes("a complaint", **COMPLAINT)
    await shop.serve("anna", None, "B4: held (S11)")
    (told,) = await shop.queue_events(UNSTAFFED)
    assert told == {"skills": ["mentors"], "rules": ["B4"], "served_by": "nobody", "waiting": 1}
    await shop.staff("maria", "mentors")
    await shop.serve("maria", angry, "B4")


async def test_staff_that_is_off_shift_for_ever_is_told_of_too(shop: Shop) -> None:
    await shop.staff("old", "mentors", "super_vip")
    await shop.leaves("old")
    await shop.comes("a complaint", **COMPLAINT)
    await super_vip(shop, channel="phone", live=True)
    await shop.serve("anna", None, "B3, B4: held (S19)")
    told = await shop.queue_events(UNSTAFFED)
    assert [item["skills"] for item in told] == [["mentors"], ["super_vip"]]


async def test_it_is_told_again_while_somebody_waits(shop: Shop) -> None:
    await shop.policy(late_again_minutes=20)
    angry = await shop.comes("a complaint", **COMPLAINT)
    await shop.comes("another", **COMPLAINT)
    assert len(await shop.queue_events(UNSTAFFED)) == 1
    await shop.wait(minutes=19)
    assert len(await shop.queue_events(UNSTAFFED)) == 1
    await shop.wait(minutes=1)
    assert [item["waiting"] for item in await shop.queue_events(UNSTAFFED)] == [1, 2]
    await shop.staff("maria", "mentors")
    await shop.serve("maria", angry, "B4")
    await shop.wait(minutes=40)
    assert len(await shop.queue_events(UNSTAFFED)) == 2


async def test_it_is_told_when_the_last_one_goes_home(shop: Shop) -> None:
    await shop.staff("maria", "mentors")
    await shop.comes("a complaint", **COMPLAINT)
    assert await shop.queue_events(UNSTAFFED) == []
    await shop.leaves("maria")
    assert len(await shop.queue_events(UNSTAFFED)) == 1


async def test_stats_show_what_nobody_on_shift_may_take(shop: Shop) -> None:
    await shop.comes("a complaint", **COMPLAINT)
    stats = await shop.ask("GET", "/queues/main/stats")
    assert stats["unstaffed"] == [
        {"skills": ["mentors"], "rules": ["B4"], "served_by": "nobody", "waiting": 1}
    ]
    shop.clock.pass_by(seconds=2)
    await shop.staff("olga", "head_of_sales")
    assert (await shop.ask("GET", "/queues/main/stats"))["unstaffed"] == []


async def test_a_policy_may_let_everybody_take_it(shop: Shop) -> None:
    await shop.policy(unstaffed={"mentors": "everybody"})
    angry = await shop.comes("a complaint", **COMPLAINT)
    await super_vip(shop)
    await shop.serve("anna", angry, "unstaffed: everybody")
    await shop.serve("boris", None, "B3 still holds")
    assert {item["served_by"] for item in await shop.queue_events(UNSTAFFED)} == {
        "everybody", "nobody",
    }  # fmt: skip


@pytest.mark.parametrize("unstaffed", ["hold", "everybody"])
async def test_or_say_so_of_all_skills(shop: Shop, unstaffed: str) -> None:
    await shop.policy(unstaffed=unstaffed)
    whole = await shop.comes("wholesale", text="нужно оптом, для перепродажи")
    await shop.serve("anna", whole if unstaffed == "everybody" else None, unstaffed)


async def test_wholesale_is_everybodys_while_nobody_for_it_is_on_shift(shop: Shop) -> None:
    await shop.staff("victor", "wholesale")
    await shop.leaves("victor")
    whole = await shop.comes("wholesale", text="нужно оптом, для перепродажи")
    await shop.serve("anna", whole, "A21")


async def test_the_head_is_served_complaints_while_all_mentors_hold_enough(shop: Shop) -> None:
    await shop.staff("maria", "mentors")
    await shop.staff("olga", "head_of_sales")
    first = await shop.comes("a complaint", **COMPLAINT)
    await shop.serve("olga", None, "B4: a mentor is free")
    await shop.serve("maria", first, "B4")
    second = await shop.comes("another", **COMPLAINT)
    await shop.serve("anna", None, "B4")
    await shop.serve("olga", second, "B4: at once")


async def test_after_the_grace_the_head_is_served_a_complaint_that_a_mentor_left(
    shop: Shop,
) -> None:
    await shop.staff("maria", "mentors")
    await shop.staff("olga", "head_of_sales")
    angry = await shop.comes("a complaint", **COMPLAINT)
    await shop.wait(minutes=9, seconds=59)
    await shop.serve("olga", None, "B4: the mentors' time")
    await shop.wait(seconds=1)
    assert "lead.passed_on" in await shop.events(angry)
    await shop.serve("anna", None, "B4")
    await shop.serve("olga", angry, "B4: the mentor is silent")


async def test_a_super_vip_on_the_line_is_the_heads_after_the_grace(shop: Shop) -> None:
    await shop.staff("vera", "super_vip")
    await shop.staff("olga", "head_of_sales")
    call = await super_vip(shop, channel="phone", live=True)
    await shop.serve("olga", None, "B3")
    await shop.wait(seconds=15)
    await shop.serve("anna", None, "B3")
    await shop.serve("olga", call, "B3: vera is silent")


async def test_a_super_vip_who_writes_waits_for_their_staff_though_it_holds_enough(
    shop: Shop,
) -> None:
    """S04: at capacity is at work."""
    await shop.staff("vera", "super_vip")
    await shop.staff("olga", "head_of_sales")
    clip = await shop.comes("a clip", text="клипса")
    held = await shop.serve("vera", clip, "A6")
    guest = await super_vip(shop, text="салют на 300 тысяч рублей")
    await shop.wait(minutes=1)
    await shop.serve("olga", None, "B3")
    await shop.end(held, outcome="lost", reason="x", note="y")
    await shop.serve("vera", guest, "B3")


async def claimed(shop: Shop, lead: dict[str, Any], operator: str, **sent: Any) -> httpx.Response:
    return await shop.call("POST", f"/leads/{lead['id']}/claim", operator=operator, **sent)


async def test_by_its_id_a_lead_asks_for_skill_owner_and_queue_as_in_line(
    shop: Shop, newcomer: Newcomer
) -> None:
    await shop.ask("PUT", "/queues/kazan", title="Kazan")
    await shop.ask("PUT", "/operators/rita", queues=["kazan"])
    order = [{"number": "1", "operator": "boris", "opened_at": "2026-06-09T10:00:00Z"}]
    await shop.ask("PUT", "/customers/c-1", orders=order)
    angry = await shop.comes("a complaint", **COMPLAINT)
    his = await shop.comes("of boris", text="добавьте фильтр", customer={"external_id": "c-1"})
    plain = await shop.comes("a clip", text="клипса")
    desk = await newcomer("operate", name="desk")
    for lead, operator, rule in (
        (angry, "anna", "B4"), (his, "anna", "B2"), (plain, "rita", "B18"),
    ):  # fmt: skip
        path, sent = f"/v1/leads/{lead['id']}/claim", {"operator": operator}
        for more in ({}, {"reason": "I want it"}):
            refused = await desk.post(path, json={**sent, **more})
            assert f"({rule})" in problem_in(refused, 409, "not-eligible")["detail"]
        assert await shop.state(lead) == "waiting"
    assert (await claimed(shop, his, "boris")).status_code == 200


async def test_a_supervisor_overrides_it_with_a_reason(shop: Shop) -> None:
    angry = await shop.comes("a complaint", **COMPLAINT)
    problem_in(await claimed(shop, angry, "anna"), 409, "not-eligible")
    given = await claimed(shop, angry, "anna", reason="speaks with the client anyway")
    assert given.status_code == 200
    events = (await shop.ask("GET", f"/leads/{angry['id']}/events"))["events"]
    override = events[-1]["details"]["override"]
    assert (override["by"], override["reason"]) == ("tests", "speaks with the client anyway")
    assert "B4" in override["of"]


async def test_nobody_online_while_leads_wait_is_told_in_open_hours(shop: Shop) -> None:
    kind = "queue.unattended"
    await shop.policy(hours={"weekly": {"mon-fri": "09:00-19:00"}}, late_again_minutes=30)
    await shop.comes("a chat")
    await shop.wait(seconds=1)
    assert await shop.queue_events(kind) == []
    for name in ("anna", "boris"):
        await shop.leaves(name)
    await shop.comes("another", text="клипса")
    await shop.wait(seconds=1)
    assert await shop.queue_events(kind) == [{"waiting": 1}]
    await shop.wait(minutes=31)
    assert await shop.queue_events(kind) == [{"waiting": 1}, {"waiting": 2}]
    await shop.wait(hours=10)
    assert len(await shop.queue_events(kind)) == 2
