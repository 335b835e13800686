"""A back-up that is older than an erasure is read in: whoever was erased is erased again."""

import pytest
from driven_clock import NOON, DrivenClock
from joining_stories import inbound
from stories import Receive

from service.flows.customers.erase_client import ErasureRequest, erase_client
from service.flows.customers.find_subject import NamedClient
from service.flows.customers.replay_erasures import export_erasures, replay_erasures
from service.flows.leads.view_leads import view_lead
from service.leads.customer import Customer
from service.leads.errors import ClientErased, InvalidRequest
from service.resources import Resources

IRINA = Customer("c-1", "Ирина", "+79161234567")
OLEG = Customer("c-2", "Олег", "+79037654321")
NAMELESS = Customer(phone="+79161112233")


async def erase(resources: Resources, **named: str) -> None:
    await erase_client(resources, ErasureRequest(NamedClient(**named), "asked", "tests"))


async def test_they_are_erased_again_and_nobody_else(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    for customer in (IRINA, NAMELESS):
        await receive(customer=customer, text="слова")
    clock.pass_by(minutes=1)
    await erase(resources, phone=IRINA.phone or "")
    await erase(resources, phone=NAMELESS.phone or "")
    lines = await export_erasures(resources)
    assert not any(word in "".join(lines) for word in ("916", "c-1", "Ирина"))
    # the database as it was before, which knows of no erasure
    for table in ("tombstones", "erasures"):
        await resources.stores.database.fetch(f"DELETE FROM {table}")
    clock.moment = NOON
    restored = [await receive(customer=who, text="слова") for who in (IRINA, OLEG, NAMELESS)]
    clock.pass_by(hours=1)
    assert await replay_erasures(resources, lines) == 2
    texts = [(await view_lead(resources, lead.id)).signal.text for lead in restored]
    assert texts == [None, "слова", None]
    with pytest.raises(ClientErased):
        await inbound(resources, customer=IRINA, received_at=NOON)
    assert await replay_erasures(resources, lines) == 0


async def test_who_came_back_since_stays(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await receive(customer=NAMELESS, text="слова")
    await erase(resources, phone=NAMELESS.phone or "")
    lines = await export_erasures(resources)
    clock.pass_by(hours=1)
    later = await receive(customer=NAMELESS, text="снова")
    assert await replay_erasures(resources, lines) == 0
    assert (await view_lead(resources, later.id)).signal.text == "снова"


@pytest.mark.parametrize("line", ["nonsense", "ab 2026-06-10T00:00:00Z", f"{'0' * 64} yesterday"])
async def test_what_is_no_erasure_is_named(resources: Resources, line: str) -> None:
    with pytest.raises(InvalidRequest, match="line 2"):
        await replay_erasures(resources, [f"{'0' * 64} 2026-06-10T00:00:00+00:00", line])
    assert await resources.stores.database.fetch("SELECT FROM tombstones") == []
