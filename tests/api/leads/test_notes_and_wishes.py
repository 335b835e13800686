"""Notes of a lead (A22), and wishes that are answered when the goods have come (B12)."""

from typing import Any

import pytest
from doors import Newcomer, problem_in, wrong_fields
from invariants import check_invariants
from redis.asyncio import Redis
from shop import Lead, Shop


async def test_a_note_is_seen_by_who_takes_the_lead_next(shop: Shop) -> None:
    lead = await shop.comes("a chat")
    path = f"/leads/{lead['id']}/notes"
    await shop.ask("POST", path, note="спрашивал про стойки", operator="boris")
    await shop.ask("POST", path, note="перезвонит сам")
    held = await shop.serve("anna", lead, "A22")
    assert held["note"] == "спрашивал про стойки\nперезвонит сам"
    events = (await shop.ask("GET", f"/leads/{lead['id']}/events"))["events"]
    assert [(item["actor"], item["details"]["note"]) for item in events[1:3]] == [
        ("boris", "спрашивал про стойки"), ("tests", "перезвонит сам"),
    ]  # fmt: skip


async def test_a_note_moves_nothing_and_needs_no_claim(shop: Shop) -> None:
    lead = await shop.comes("a chat")
    held = await shop.serve("anna", lead, "A6")
    path = f"/leads/{lead['id']}/notes"
    noted = await shop.ask("POST", path, note="ждёт цену")
    assert noted["claim"]["operator"] == "anna"
    assert noted["claim"]["token"] is None
    await shop.end(held, outcome="won", amount="1", note="продано")
    after = await shop.ask("POST", path, note="доволен")
    assert (after["state"], after["note"]) == ("settled", "продано\nдоволен")


async def test_of_too_many_notes_the_last_words_stay(shop: Shop) -> None:
    lead = await shop.comes("a chat")
    path = f"/leads/{lead['id']}/notes"
    await shop.ask("POST", path, note="а" * 8000)
    assert (await shop.ask("POST", path, note="конец"))["note"].endswith("а\nконец")
    assert wrong_fields(await shop.call("POST", path, note="а" * 8001)) == ["note"]
    assert wrong_fields(await shop.call("POST", path, operator="anna")) == ["note"]
    problem_in(
        await shop.call("POST", path, note="x", operator="nobody"), 404, "operator-not-found"
    )


async def wish(shop: Shop, words: str, **sent: Any) -> Lead:
    lead = await shop.comes("a wish", customer={"phone": next(PHONES_OF[shop])}, **sent)
    held = await shop.ask("POST", f"/leads/{lead['id']}/claim", operator="anna")
    await shop.end(held, outcome="wish", note=words)
    return lead


class _Phones(dict[Shop, Any]):
    def __missing__(self, shop: Shop) -> Any:
        self[shop] = (f"+7916123456{number}" for number in range(10))
        return self[shop]


PHONES_OF = _Phones()


async def arrived(shop: Shop, *goods: str) -> dict[str, str]:
    found = await shop.ask("POST", "/wishes/arrived", goods=goods)
    return {item["id"]: item["goods"] for item in found["wishes"]}


async def test_wishes_wait_again_when_their_goods_have_come(shop: Shop, redis: Redis) -> None:
    pads = await wish(shop, "колодки на поло, нет в продаже")
    struts = await wish(shop, "стойки KYB")
    assert await arrived(shop, "тормозные колодки") == {pads["id"]: "тормозные колодки"}
    lead = await shop.serve("anna", pads, "B12")
    assert lead["note"] == "колодки на поло, нет в продаже"
    assert (await shop.events(pads))[-2:] == ["lead.reopened", "lead.claimed"]
    assert await shop.state(struts) == "settled"
    await shop.wait(seconds=1)  # on a slow machine the line may have been asked past
    await check_invariants(shop.stores, redis)
    await shop.end(lead, outcome="won", amount="5000", note="продано")
    assert await arrived(shop, "тормозные колодки") == {}


@pytest.mark.parametrize(
    ("words", "goods", "found"),
    [
        ("колодки передние", "brake_pads", True),  # the lexicon's name
        ("нужны стойки", "амортизаторы", True),  # its words
        ("нужен номер 1К0 615 301 АА", "1K0615301AA", True),  # Cyrillic letters, spaced
        ("W 712/95", "w712-95", True),
        ("номер 91K0615301AA", "1K0615301AA", False),
        ("салют Фантом", "Фантом", True),
        ("салют Фантом", "салют Комета", False),
        ("колодки", "масло", False),
    ],
)
async def test_by_the_lexicons_names_or_article_numbers(
    shop: Shop, words: str, goods: str, found: bool
) -> None:
    lead = await wish(shop, words)
    assert await arrived(shop, "нечто иное", goods) == ({lead["id"]: goods} if found else {})


async def test_a_wish_that_waits_again_counts_no_more(shop: Shop) -> None:
    await wish(shop, "колодки")
    await arrived(shop, "колодки")
    chances = (await shop.ask("GET", "/queues/main/conversion"))["chances"]
    assert {item["observed"]["lost"] for item in chances} == {0}


async def test_the_client_of_a_wish_joins_it_again(shop: Shop) -> None:
    lead = await wish(shop, "колодки")
    await arrived(shop, "колодки")
    phone = lead["customer"]["phone"]
    assert (await shop.comes("calls", customer={"phone": phone}))["id"] == lead["id"]


async def test_wishes_are_brought_back_by_who_may_speak_for_the_crm(
    shop: Shop, newcomer: Newcomer
) -> None:
    sent = {"goods": ["колодки"]}
    for scope in ("intake", "read", "operate", "supervise", "admin"):
        program = await newcomer(scope, name=f"only-{scope}")
        problem_in(await program.post("/v1/wishes/arrived", json=sent), 403, "scope-missing")
    crm = await newcomer("crm", name="only-crm")
    assert (await crm.post("/v1/wishes/arrived", json=sent)).json() == {"wishes": []}


async def test_nonsense_brings_nothing_back(shop: Shop) -> None:
    assert wrong_fields(await shop.call("POST", "/wishes/arrived", goods=[])) == ["goods"]
    too_many = ["x"] * 101
    assert wrong_fields(await shop.call("POST", "/wishes/arrived", goods=too_many)) == ["goods"]
    nowhere = await shop.call("POST", "/wishes/arrived", goods=["x"], queue="nowhere")
    problem_in(nowhere, 404, "queue-not-found")
