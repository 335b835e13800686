"""Through Mango, Telegram, WhatsApp, a mail and a form alike a client is recognised and routed."""

from typing import Any

import pytest
from shop import Lead, Shop
from webhook_stories import all_read, path_of, put_source
from webhooks.one_client import LINE, MAIL, SENDERS, comes_by

CARD: dict[str, Any] = {
    "phone": "8 900 111-22-33",
    "email": MAIL,
    "messengers": {"telegram": "111", "whatsapp": "79001112233"},
}
ORDER = {"number": "7", "operator": "boris", "opened_at": "2026-06-01T09:00:00Z"}
TASK = {
    **{"external_id": "t", "campaign": "other", "operator": "boris"},
    **{"opened_at": "2026-06-01T09:00:00Z", "expires_at": "2026-06-20T09:00:00Z"},
}
TALK = {"operator": "boris", "at": "2026-06-09T09:00:00Z"}


async def comes(shop: Shop, sender: str) -> Lead:
    """The client's first signal comes by a sender's webhook; the lead that it is."""
    source = await put_source(shop.client, sender, adapter=sender, **SENDERS[sender])
    return await comes_to(shop, path_of(source), sender, 1)


async def comes_to(shop: Shop, path: str, sender: str, number: int) -> Lead:
    """The same at the address of the sender's source."""
    behind, body, headers = comes_by(sender, number, shop.clock.now())
    answer = await shop.client.post(path + behind, content=body, headers=headers)
    assert answer.is_success, answer.text
    await all_read(shop.stores)
    found = await shop.ask("GET", "/leads?state=waiting")
    assert len(found["leads"]) == 1, found
    lead: Lead = await shop.ask("GET", f"/leads/{found['leads'][0]['id']}")
    shop.names[lead["id"]] = sender
    return lead


async def routing_of(shop: Shop, lead: Lead) -> dict[str, Any]:
    explained = await shop.ask("GET", f"/leads/{lead['id']}/explanation")
    routing: dict[str, Any] = explained["routing"]
    return routing


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize(
    ("known", "rule"),
    [({"orders": [ORDER]}, "B2"), ({"tasks": [TASK]}, "B14"), ({"contacts": [TALK]}, "A9")],
)
async def test_whose_client_it_is_waits_for_them(
    shop: Shop, sender: str, known: dict[str, Any], rule: str
) -> None:
    await shop.ask("PUT", "/customers/c-1", **CARD, **known)
    lead = await comes(shop, sender)
    routing = await routing_of(shop, lead)
    assert (routing["owner"], routing["owner_rule"]) == ("boris", rule)
    await shop.serve("anna", None, rule)
    served = await shop.serve("boris", lead, rule)
    assert served["client"]["external_id"] == "c-1"


@pytest.mark.parametrize("sender", SENDERS)
async def test_a_super_vip_waits_for_designated_staff(shop: Shop, sender: str) -> None:
    await shop.staff("vera", "super_vip")
    await shop.ask("PUT", "/customers/c-1", **CARD, **{"class": "super_vip"})
    lead = await comes(shop, sender)
    await shop.serve("anna", None, "B3")
    await shop.serve("vera", lead, "B3")


@pytest.mark.parametrize("sender", SENDERS)
async def test_who_talked_with_a_client_without_a_card_has_them_again(
    shop: Shop, sender: str
) -> None:
    path = path_of(await put_source(shop.client, sender, adapter=sender, **SENDERS[sender]))
    first = await comes_to(shop, path, sender, 1)
    served = await shop.serve("boris", first, "A2")
    await shop.end(served, outcome="answered", note="told the price")
    again = await comes_to(shop, path, sender, 2)
    assert (await routing_of(shop, again))["owner_rule"] == "A9"
    await shop.serve("anna", None, "A9")
    await shop.serve("boris", again, "A9")


async def test_the_number_that_was_called_is_the_shops_own(shop: Shop) -> None:
    await comes(shop, "mango")
    assert (await shop.ask("GET", "/sources/mango"))["lines"] == [f"+{LINE}"]
    listed = await shop.ask("GET", "/sources")
    assert [item["lines"] for item in listed["sources"]] == [[f"+{LINE}"]]
    own = {"channel": "landing_form", "customer": {"phone": f"+{LINE}"}}
    first = await shop.comes("names the shop's number", **own, text="колодки")
    second = await shop.comes("names it, too", **own, text="масло")
    assert first["id"] != second["id"]
    assert first["possibly_same"] == second["possibly_same"] == []
