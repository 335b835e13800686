"""A day of a shop, told over HTTP from morning to evening: every rule happens at least once.

Run it with `-s` and it tells itself, line by line.
"""

from datetime import datetime, timedelta

import httpx
import pytest
from driven_clock import DrivenClock
from invariants import check_invariants
from redis.asyncio import Redis
from shop import MORNING, STAFF, Shop

from service.resources import Resources


@pytest.fixture
async def shop(client: httpx.AsyncClient, clock: DrivenClock, resources: Resources) -> Shop:
    clock.moment = MORNING
    day = Shop(client, clock, resources)
    for name, skills in STAFF.items():
        await day.ask("PUT", f"/operators/{name}", skills=skills)
    await day.everybody_is_there()
    return day


async def test_a_day_ends_with_the_ledger_right(shop: Shop, redis: Redis) -> None:
    for chapter in (
        who_goes_first, whose_client_it_is, who_may_take_it, when_nobody_is_free,
        what_becomes_of_it, the_life_goes_on, the_head_decides, not_all_end_with_a_sale,
        who_else_may_serve, the_shift_ends, the_days_after,
    ):  # fmt: skip
        print(f"\n{chapter.__name__.replace('_', ' ')}")
        await chapter(shop)
        await check_invariants(shop.stores, redis)
    await check_ledger(shop)


async def who_goes_first(shop: Shop) -> None:
    order = await shop.comes("an order", channel="site_order", budget="90000")
    body = await shop.comes("a chat", text="После аварии: бампер, капот, два крыла")
    pads = await shop.comes("a chat", text="Колодки, машина на подъёмнике")
    missed = await shop.comes("a missed call", channel="phone", live=False)
    call = await shop.comes("a call", channel="phone", live=True)
    for lead, rule in ((call, "A4"), (missed, "A8"), (pads, "A5"), (body, "A5"), (order, "A2")):
        held = await shop.serve("anna", lead, rule)
        assert "lead.claimed" in await shop.events(lead)  # A16, B11: taking one is announced
        refused = await shop.call("POST", f"/leads/{lead['id']}/settle", token="x", outcome="won")
        assert refused.status_code == 409
        await shop.end(held, outcome="won", amount="5000", note="sold")
    await shop.at("10:45")
    orders = [await shop.comes("an order", channel="site_order") for _ in range(2)]
    chat = await shop.comes("a dear chat", budget="300000")
    for lead in orders:
        held = await shop.serve("boris", lead, "A15")
        without_note = await shop.call(
            "POST", f"/leads/{lead['id']}/settle", token=held["claim"]["token"], outcome="won"
        )
        assert {item["field"] for item in without_note.json()["errors"]} == {"amount", "note"}
        await shop.end(held, outcome="won", amount="7000", note="checked")
    await shop.end(await shop.serve("boris", chat, "A6"), outcome="lost", reason="dear", note="n")


async def whose_client_it_is(shop: Shop) -> None:
    await shop.at("11:00")
    boris = [{"number": "17", "operator": "boris", "opened_at": "2026-06-09T10:00:00Z"}]
    await shop.ask("PUT", "/customers/c-2", name="Иван", cars=["Solaris"], orders=boris)
    first = await shop.comes("who talked with anna", customer={"external_id": "c-1"})
    await shop.end(await shop.serve("anna", first, "A6"), outcome="lost", reason="no", note="n")
    again = await shop.comes("he writes again", customer={"external_id": "c-1"})
    await shop.serve("boris", None, "A9")
    held = await shop.serve("anna", again, "A9")
    assert held["client"]["earlier"][0]["id"] == first["id"]  # A22, A23
    await shop.end(held, outcome="lost", reason="no", note="n")
    asks = await shop.comes(
        "about his order", text="где мой заказ?", customer={"external_id": "c-2"}
    )
    await shop.serve("anna", None, "B2")
    await shop.end(await shop.serve("boris", asks, "B2, A10"), outcome="won", amount="1", note="n")
    calls = await shop.comes(
        "he calls", channel="phone", live=True, customer={"external_id": "c-2"}
    )
    shop.clock.pass_by(seconds=16)
    await shop.end(
        await shop.serve("anna", calls, "A10: past his operator"), outcome="lost", reason="x"
    )
    terms = {"campaign": "birthday", "operator": "anna", "expires_at": "2026-06-20T00:00:00Z"}
    task = await shop.comes(
        "a task", channel="crm_task", task=terms, customer={"external_id": "c-3"}
    )
    await shop.serve("boris", None, "B14")
    await shop.end(await shop.serve("anna", task, "B14"), outcome="won", amount="3000")


async def who_may_take_it(shop: Shop) -> None:
    await shop.at("12:00")
    await shop.ask("PUT", "/customers/vip", **{"class": "super_vip"})
    guest = await shop.comes("a super VIP", customer={"external_id": "vip"}, budget="900000")
    angry = await shop.comes("a complaint", text="у меня жалоба, верните деньги")
    plain = await shop.comes("a plain chat", budget="100")
    held = await shop.serve("boris", plain, "B3, B4: past both, at once")
    assert {item["rule"] for item in held["decision"]["not_eligible"]} == {"B3", "B4"}
    await shop.end(held, outcome="lost", reason="no", note="n")
    await shop.end(
        await shop.serve("maria", angry, "B4"), outcome="won", amount="1", note="paid back"
    )
    await shop.ask("PUT", "/operators/vera/presence", status="offline")
    shop.on_duty.remove("vera")
    await shop.serve("anna", None, "B3")
    await shop.end(await shop.serve("olga", guest, "B3: nobody else is there"), outcome="won",
                   amount="900000", note="sold")  # fmt: skip


async def when_nobody_is_free(shop: Shop) -> None:
    await shop.at("13:00")
    shop.on_duty = {"anna"}
    for name in STAFF:
        if name != "anna":
            await shop.ask("PUT", f"/operators/{name}/presence", status="offline")
    visitor = await shop.comes("a visitor", channel="walk_in", live=True)
    with_him = await shop.serve("anna", visitor, "A2")
    rings = await shop.comes("a call", channel="phone", live=True)
    on_top = await shop.serve("anna", rings, "A7: with the visitor's leave", on_top="true")
    until = (shop.clock.now() + timedelta(minutes=30)).isoformat()
    parked = await shop.end(on_top, "details", note="ждёт цену на стойки")
    assert datetime.fromisoformat(parked["parked_until"]) == datetime.fromisoformat(until)  # A11
    await shop.end(with_him, outcome="won", amount="12000")
    await shop.at("13:30")
    await shop.end(await shop.serve("anna", rings, "A11"), outcome="won", amount="32000")
    hung_up = await shop.comes("a call", channel="phone", live=True)
    await shop.ask("POST", f"/leads/{hung_up['id']}/call", event="hung_up")
    await shop.end(await shop.serve("anna", hung_up, "A8"), outcome="lost", reason="elsewhere")


async def what_becomes_of_it(shop: Shop) -> None:
    shop.on_duty = {*STAFF}
    await shop.at("14:00")
    silent = await shop.comes("who is silent", channel="phone", live=False)
    await shop.end(await shop.serve("anna", silent, "A8"), outcome="no_answer")
    assert "message.due" in await shop.events(silent)  # B6
    pays = await shop.comes("who will pay", customer={"external_id": "c-5"})
    await shop.end(await shop.serve("anna", pays, "A6"), outcome="awaiting_payment", note="счёт")
    wants = await shop.comes("a wish", customer={"phone": "+79161234567"})
    await shop.end(await shop.serve("anna", wants, "A6"), outcome="wish", note="нет в продаже")
    whole = await shop.comes("wholesale", text="нужно оптом, для перепродажи")
    held = await shop.serve("victor", whole, "A21")
    sent = {"outcome": "wholesale", "buyer": "reseller", "selection": "by_client", "note": "анкета"}
    assert (await shop.end(held, **sent))["price_profile"] == "OPT2"
    await shop.ask("PUT", "/customers/c-6", blocked_since="2023-01-01", call_on="2026-07-01")
    old = await shop.comes("blocked", channel="phone", live=False, customer={"external_id": "c-6"})
    archived = await shop.end(await shop.serve("anna", old, "A8"), outcome="no_answer")
    assert "АРХИВ" in archived["note"]  # B5
    unwanted = await shop.comes("whom anna declines", text="клипса")
    await shop.end(await shop.serve("anna", unwanted, "A6"), "decline", reason="не моё")
    await shop.serve("anna", None, "declined")
    handed = await shop.serve("boris", unwanted, "B11")
    await shop.end(handed, "transfer", operator="anna", note="просит Анну")  # B10
    await shop.end(
        await shop.serve("anna", unwanted, "B10"), outcome="cancelled", reason="B8", note="n"
    )
    await shop.at("14:31")
    await shop.end(await shop.serve("anna", silent, "B6: tried again"), outcome="won", amount="900")


async def the_life_goes_on(shop: Shop) -> None:
    await shop.at("14:40")
    call = await shop.comes("a call that is answered", channel="phone")
    await shop.ask("POST", f"/leads/{call['id']}/call", event="answered", operator="boris")
    for minute in range(41, 45):
        await shop.at(f"14:{minute}")
    assert await shop.state(call) == "claimed"  # A12: a talk needs no renewing
    await shop.ask("POST", f"/leads/{call['id']}/call", event="hung_up")
    held = await shop.ask("POST", "/operators/boris/next")
    assert held["id"] == call["id"]  # nothing else is offered before they have finished
    await shop.end(held, outcome="callback", note="узнаю срок", until="2026-06-10T14:50:00+03:00")
    await shop.at("14:50")
    await shop.end(await shop.serve("boris", call, "A11, A31"), outcome="won", amount="700")
    rings = await shop.comes("a call of whose end nobody tells", channel="phone")
    visitor = await shop.comes("a visitor whom nobody serves", channel="walk_in")
    await shop.at("15:00")
    missed = await shop.ask("GET", f"/leads/{rings['id']}/explanation")
    assert (missed["stage"]["value"], missed["stage"]["rule"]) == (750, "A8")
    await shop.ask("PUT", "/customers/c-8", orders=[
        {"number": "19", "operator": "anna", "opened_at": "2026-06-09T10:00:00Z",
         "state": "processed", "amount": "48000"},
    ])  # fmt: skip
    refusal = await shop.comes(
        "a refusal", text="отмените мой заказ", customer={"external_id": "c-8"}
    )
    found = await shop.ask("GET", f"/leads/{refusal['id']}/explanation")
    assert (found["budget"]["value"], found["urgency"]["rule"]) == ("48000.00", "A25")
    paid = await shop.comes("a paid order", channel="site_order", paid=True)
    explained = await shop.ask("GET", f"/leads/{paid['id']}/explanation")
    assert explained["chance"]["rule"] == "A30"
    for lead in (visitor, rings, refusal, paid):
        held = await shop.ask("POST", f"/leads/{lead['id']}/claim", operator="anna")
        await shop.end(held, outcome="lost", reason="x", note="n")


async def the_head_decides(shop: Shop) -> None:
    await shop.at("15:00")
    small = await shop.comes("a small chat", budget="100")
    large = await shop.comes("a large chat", budget="90000")
    await shop.ask("POST", f"/leads/{small['id']}/pin", reason="друг директора")
    held = await shop.serve("anna", small, "B1: pinned")
    await shop.ask("POST", f"/leads/{small['id']}/take-away", reason="Анна на обеде")
    gone = await shop.call("POST", f"/leads/{small['id']}/renew", token=held["claim"]["token"])
    assert gone.status_code == 409
    await shop.ask("POST", f"/leads/{large['id']}/assign", operator="boris", reason="знает клиента")
    await shop.end(
        await shop.serve("anna", small, "pinned still"), outcome="lost", reason="n", note="n"
    )
    await shop.end(
        await shop.serve("boris", large, "assigned"), outcome="won", amount="90000", note="n"
    )
    wrong = await shop.comes("a wrong number", channel="phone", live=False)
    await shop.ask("POST", f"/leads/{wrong['id']}/withdraw", reason="ошибка", outcome="cancelled")
    assert await shop.state(wrong) == "settled"


async def not_all_end_with_a_sale(shop: Shop) -> None:
    await shop.at("16:00")
    held = await shop.serve("anna", await shop.comes("a question", text="где вы?"), "A6")
    for _ in range(2):  # the first answer was lost (A19)
        await shop.end(held, outcome="answered", note="объяснили")
    thinks = await shop.comes("who thinks", channel="email", customer={"email": "i@example.com"})
    until = shop.clock.now() + timedelta(hours=1)
    await shop.end(await shop.serve("anna", thinks, "A17"), outcome="will_think", note="стойки",
                   until=until.isoformat(), offered="KYB, 8 000")  # fmt: skip
    assert "offer.due" in await shop.events(thinks)  # A13
    held = await shop.serve("anna", await shop.comes("a wrong click"), "A6")
    await shop.end(held, outcome="won", amount="100", note="n")
    await shop.end(held, "undo")
    await shop.end(held, outcome="lost", reason="too_dear", note="n")
    sent = {"outcome": "won", "amount": "90", "reason": "всё же купил"}
    await shop.ask("POST", f"/leads/{held['id']}/correct", **sent)
    wants = await shop.comes("who wishes", text="1K0615301AA", customer={"phone": "+79161234568"})
    await shop.end(await shop.serve("anna", wants, "A6"), outcome="wish", note="нет в продаже")
    await shop.ask("POST", "/wishes/arrived", goods=["1K0 615 301 AA"])
    await shop.end(await shop.serve("anna", wants, "B12"), outcome="won", amount="1", note="n")
    terms = {"campaign": "birthday", "operator": "anna", "expires_at": "2026-06-20T00:00:00Z"}
    due = await shop.comes(
        "a task", channel="crm_task", task=terms, customer={"external_id": "c-17"}
    )
    buys = await shop.comes("its client writes", customer={"external_id": "c-17"})
    await shop.end(await shop.serve("anna", buys, "B14"), outcome="won", amount="9000", note="n")
    assert await shop.state(due) == "settled"  # B14: they have just bought
    called = await shop.comes(
        "a task", channel="crm_task", task=terms, customer={"external_id": "c-18"}
    )
    held = await shop.serve("anna", called, "B14")
    await shop.end(held, "activate")
    assert "task.activated" in await shop.events(called)  # B17
    await shop.end(held, outcome="won", amount="3000")
    adverts = [await shop.comes("an advert", text=text) for text in ("реклама", "вакансия")]
    sent = {"filter": {"ids": [item["id"] for item in adverts]}, "outcome": "spam", "reason": "x"}
    assert (await shop.ask("POST", "/leads/bulk", action="withdraw", **sent))["changed"] == 2


async def who_else_may_serve(shop: Shop) -> None:
    await shop.at("17:00")
    thinks = await shop.ask("POST", "/operators/anna/next")
    assert thinks["note"] == "стойки"  # A13: asked again
    await shop.end(thinks, outcome="lost", reason="bought_elsewhere")
    rare = await shop.comes("what nobody wants", text="поршень")
    for name in ("boris", "anna", "vera", "maria", "victor", "olga"):
        await shop.end(await shop.serve(name, rare, "B11"), "decline", reason="не моё")
    assert "lead.declined_by_all" in await shop.events(rare)
    await shop.wait(minutes=31)
    await shop.serve("anna", None, "who declined later")
    await shop.end(await shop.serve("boris", rare, "B11"), outcome="lost", reason="n", note="n")
    await shop.ask("PUT", "/queues/kazan", title="Казань")
    await shop.staff("rita", queues=["kazan"])
    far = await shop.comes("who is far away")
    await shop.ask("POST", f"/leads/{far['id']}/notes", note="просил после шести")
    held = await shop.serve("anna", far, "A6")
    assert held["note"] == "просил после шести"  # A22
    await shop.end(held, "transfer", queue="kazan", note="из Казани")
    await shop.end(await shop.serve("rita", far, "B18"), outcome="lost", reason="n", note="n")
    await shop.staff("sonya", "shows")
    known = {"date": "2026-06-20", "place": "парк", "guests": 100, "occasion": "юбилей",
             "budget": "90000", "wishes": "тихий"}  # fmt: skip
    held = await shop.serve("anna", await shop.comes("a show"), "A6")
    await shop.end(held, "transfer", skill="shows", note="всё записано", show=known)
    shown = await shop.serve("sonya", held, "B15")
    await shop.end(shown, outcome="won", amount="90000", note="n")
    await shop.staff("mila", "duty")
    mail = await shop.comes("common mail", channel="email", text="нужны стойки")
    await shop.serve("anna", None, "B20")
    await shop.end(await shop.serve("mila", mail, "B20"), outcome="lost", reason="too_dear")
    await shop.leaves("maria")
    await shop.leaves("olga")
    angry = await shop.comes("a complaint", text="у меня жалоба, верните деньги")
    await shop.serve("anna", None, "B4: held")
    assert await shop.queue_events("queue.unstaffed")
    shop.on_duty |= {"maria", "olga"}
    await shop.at("17:45")
    await shop.end(await shop.serve("maria", angry, "B4"), outcome="won", amount="1", note="n")


async def the_shift_ends(shop: Shop) -> None:
    await shop.at("18:30")
    late = await shop.comes("who waits too long", text="клипса")
    await shop.at("18:55")
    found = await shop.ask("GET", "/queues/main/late")
    assert late["id"] in [
        item["lead"]["id"] if "lead" in item else item["id"] for item in found["leads"]
    ]
    held = await shop.serve("anna", late, "B11: late, but not lost")
    leaving = await shop.ask("PUT", "/operators/anna/presence", status="offline")
    assert [item["id"] for item in leaving["held"]] == [late["id"]]  # B10
    await shop.end(held, "transfer", operator="boris", note="доделай, пожалуйста")
    handed = await shop.serve("boris", late, "B10")
    assert handed["note"] == "доделай, пожалуйста"
    await shop.end(handed, outcome="won", amount="100", note="n")


async def the_days_after(shop: Shop) -> None:
    shop.on_duty = {*STAFF}
    await shop.at("15:00", day=1)
    checked = await shop.ask("POST", "/operators/victor/next")
    assert checked["price_profile"] == "OPT2"
    shop.report("victor checks on the next day (A21)")
    await shop.end(checked, outcome="won", amount="50000", note="registered")
    await shop.at("15:00", day=3)
    paid = await shop.ask("POST", "/operators/anna/next")
    assert paid["customer"]["external_id"] == "c-5"  # A14: three days later
    await shop.end(paid, outcome="won", amount="8000", note="paid")
    await shop.ask("PUT", "/customers/c-2", orders=[
        {"number": "17", "operator": "boris", "opened_at": "2026-06-01T10:00:00Z"},
        {"number": "18", "operator": "boris", "opened_at": "2026-06-09T10:00:00Z",
         "state": "reserved", "reserved_until": "2026-06-14T11:00:00Z"},
    ])  # fmt: skip
    await shop.at("16:30", day=3)
    reported = {item["type"] for item in (await shop.ask("GET", "/queues/main/events"))["events"]}
    assert {"order.overdue", "reservation.ends"} <= reported  # B7, B9


async def check_ledger(shop: Shop) -> None:
    """Every lead is settled but the one that waits for its day, and every sale is somebody's."""
    leads = (await shop.ask("GET", "/leads?limit=200"))["leads"]
    open_still = [lead["parked_until"] for lead in leads if lead["state"] != "settled"]
    assert open_still == ["2026-06-30T21:00:00Z"]  # the archived client, on the day of the head
    won = sum(float(lead["amount"]) for lead in leads if lead["outcome"] == "won")
    stats = await shop.ask("GET", "/queues/main/operators/stats?since=2026-06-10T00:00:00Z")
    shop.report(f"{len(leads)} leads, {won:.0f} roubles, {len(stats['operators'])} who served")
    assert sum(stat["outcomes"].get("won", 0) for stat in stats["operators"]) == len(
        [lead for lead in leads if lead["outcome"] == "won"]
    )
