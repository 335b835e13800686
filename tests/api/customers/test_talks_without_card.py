"""Who talked with a client lately is led to them again, though the client has no card (A9)."""

from typing import Any

import httpx
import pytest
from shop import Shop

PHONE, MAIL = "+79001112233", "office@firm.example"
WAYS: dict[str, dict[str, Any]] = {
    "call": {"channel": "phone", "customer": {"phone": PHONE}},
    "telegram": {"channel": "telegram", "customer": {"messengers": {"telegram": "111"}}},
    "whatsapp": {"channel": "whatsapp", "customer": {"messengers": {"whatsapp": "79001112233"}}},
    "mail": {"channel": "email", "customer": {"email": MAIL}},
    "form": {"channel": "landing_form", "customer": {"name": "И.", "phone": "8(900)1112233"}},
}


async def talked(shop: Shop, way: dict[str, Any], outcome: str = "answered") -> None:
    """Boris has a talk with who comes that way."""
    lead = await shop.comes("the first time", **way)
    served = await shop.serve("boris", lead, "A2")
    ending = {"outcome": outcome, "note": "asked for a price"}
    await shop.end(served, **({"outcome": outcome} if outcome == "no_answer" else ending))


def owner(lead: dict[str, Any]) -> tuple[str | None, str | None]:
    routing = lead["explanation"]["routing"]
    return routing["owner"], routing["owner_rule"]


@pytest.mark.parametrize("way", WAYS)
async def test_who_talked_yesterday_has_the_client_again(shop: Shop, way: str) -> None:
    await talked(shop, WAYS[way])
    await shop.wait(hours=24)
    lead = await shop.comes("the second time", **WAYS[way])
    assert owner(lead) == ("boris", "A9")
    assert lead["customer"]["external_id"] is None
    await shop.serve("anna", None, "A9: it waits for boris")
    await shop.serve("boris", lead, "A9")


async def test_what_joins_the_lead_leaves_it_to_who_talked(shop: Shop) -> None:
    await talked(shop, WAYS["call"])
    lead = await shop.comes("again", **WAYS["call"])
    joined = await shop.comes("and once more", **WAYS["form"])
    assert joined["id"] == lead["id"]
    assert owner(joined) == ("boris", "A9")


async def test_one_telephone_number_leads_from_one_channel_to_another(shop: Shop) -> None:
    await talked(shop, WAYS["call"])
    assert owner(await shop.comes("by a form", **WAYS["form"])) == ("boris", "A9")


async def test_a_call_that_nobody_answered_is_no_talk(shop: Shop) -> None:
    await talked(shop, WAYS["call"], "no_answer")
    lead = await shop.comes("calls back", **WAYS["call"])
    assert owner(lead)[1] != "A9"


async def test_after_the_days_of_the_policy_they_are_everybodys(shop: Shop) -> None:
    await talked(shop, WAYS["telegram"])
    await shop.wait(days=14)
    assert owner(await shop.comes("two weeks later", **WAYS["telegram"])) == (None, None)


async def test_an_offices_mail_address_makes_nobody_the_owner_of_all_in_it(shop: Shop) -> None:
    one = {"channel": "landing_form", "customer": {"email": MAIL, "phone": "+79001112244"}}
    other = {"channel": "landing_form", "customer": {"email": MAIL, "phone": "+79001112255"}}
    await talked(shop, one)
    assert owner(await shop.comes("another one of the office", **other)) == (None, None)
    assert owner(await shop.comes("the same one", **one)) == ("boris", "A9")


async def test_a_card_that_comes_later_loses_no_talk(shop: Shop, client: httpx.AsyncClient) -> None:
    await talked(shop, WAYS["call"])
    await shop.ask("PUT", "/customers/c-1", phone=PHONE)
    lead = await shop.comes("has a card now", **WAYS["call"])
    assert lead["customer"]["external_id"] == "c-1"
    assert owner(lead) == ("boris", "A9")
