"""A lead that all who could take it declined is told of, and is offered again (S09)."""

from typing import Any

import pytest
from shop import Lead, Shop

DECLINED_BY_ALL = "lead.declined_by_all"


async def decline(shop: Shop, lead: Lead, *names: str) -> None:
    for name in names:
        await shop.end(await shop.serve(name, lead, "B11"), "decline", reason="не моё")


async def test_it_is_told_at_once_and_offered_again_to_who_declined_longest_ago(
    shop: Shop,
) -> None:
    lead = await shop.comes("a rare part", text="поршень")
    await decline(shop, lead, "boris")
    assert DECLINED_BY_ALL not in await shop.events(lead)
    await decline(shop, lead, "anna")
    told = (await shop.ask("GET", f"/leads/{lead['id']}/events"))["events"][-1]
    assert (told["type"], told["details"]["declined_by"]) == (DECLINED_BY_ALL, ["boris", "anna"])
    await shop.wait(minutes=29)
    for name in ("anna", "boris"):
        await shop.serve(name, None, "declined")
    await shop.wait(minutes=1)
    await shop.serve("anna", None, "who declined last")
    await shop.serve("boris", lead, "who declined longest ago")


async def test_declined_again_it_goes_round(shop: Shop) -> None:
    lead = await shop.comes("a rare part", text="поршень")
    await decline(shop, lead, "boris", "anna")
    await shop.wait(minutes=30)
    await decline(shop, lead, "boris")
    assert (await shop.events(lead)).count(DECLINED_BY_ALL) == 2
    await shop.wait(minutes=30)
    await shop.serve("boris", None, "who declined last")
    await shop.serve("anna", lead, "who declined longest ago")


@pytest.mark.parametrize("by", ["message", "change"])
async def test_it_is_offered_again_as_soon_as_the_client_says_more(shop: Shop, by: str) -> None:
    client: dict[str, Any] = {"customer": {"phone": "+79161234567"}}
    lead = await shop.comes("a rare part", text="поршень", **client)
    await decline(shop, lead, "anna", "boris")
    more = "ну что, есть поршень? готов оплатить"
    if by == "message":
        await shop.comes("says more", text=more, **client)
    else:
        await shop.ask("PATCH", f"/leads/{lead['id']}", text=more)
    await shop.serve("boris", None, "who declined last")
    await shop.serve("anna", lead, "who declined longest ago")


async def test_it_is_told_when_who_did_not_decline_goes_home(shop: Shop) -> None:
    lead = await shop.comes("a rare part", text="поршень")
    await decline(shop, lead, "anna")
    await shop.leaves("boris")
    await shop.wait(seconds=5)
    assert (await shop.events(lead))[-1] == DECLINED_BY_ALL


async def test_at_night_nobody_is_left_to_tell_of(shop: Shop) -> None:
    lead = await shop.comes("a rare part", text="поршень")
    await decline(shop, lead, "anna")
    for name in ("anna", "boris"):
        await shop.leaves(name)
    await shop.wait(seconds=5)
    assert DECLINED_BY_ALL not in await shop.events(lead)


async def test_somebody_who_comes_on_shift_is_asked_at_once(shop: Shop) -> None:
    lead = await shop.comes("a rare part", text="поршень")
    await decline(shop, lead, "anna", "boris")
    await shop.staff("vera")
    await shop.serve("vera", lead, "B11")


async def test_the_head_is_asked_again_with_who_declined_longest_ago(shop: Shop) -> None:
    await shop.staff("olga", "head_of_sales")
    lead = await shop.comes("a rare part", text="поршень")
    await decline(shop, lead, "anna", "olga", "boris")
    await shop.wait(minutes=30)
    await shop.serve("boris", None, "who declined last")
    await shop.serve("olga", lead, "the head of sales")


async def test_who_declined_it_may_still_take_it_by_its_id(shop: Shop) -> None:
    lead = await shop.comes("a rare part", text="поршень")
    await decline(shop, lead, "anna", "boris")
    taken = await shop.ask("POST", f"/leads/{lead['id']}/claim", operator="anna")
    assert taken["claim"]["operator"] == "anna"


async def test_nobody_on_shift_is_asked_when_somebody_is(shop: Shop) -> None:
    lead = await shop.comes("a rare part", text="поршень")
    await decline(shop, lead, "anna", "boris")
    for name in ("anna", "boris"):
        await shop.leaves(name)
    await shop.wait(minutes=30)
    await shop.staff("boris")
    await shop.wait(minutes=31)
    await shop.serve("boris", lead, "of those on shift")
