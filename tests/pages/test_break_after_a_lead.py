"""A break that was planned begins when the lead in hand ends, however it ends."""

import pytest
from fastapi import FastAPI
from plain_desk import PlainDesk, plain_desk
from stories import Receive

from service.flows.claims.supervise import Instruction, take_away
from service.flows.leads.view_leads import view_held, view_lead
from service.flows.operators.change_presence import change_presence
from service.flows.operators.view_operators import AtWork, view_operator
from service.leads.lead import Lead, State
from service.leads.operator import Presence
from service.resources import Resources

PLANNED = "Break after this one"


@pytest.fixture
async def desk(app: FastAPI, resources: Resources, receive: Receive) -> PlainDesk:
    """A desk with a lead in hand and another one behind it."""
    for words in ("Масло", "Свечи"):
        await receive(text=words)
    desk = await plain_desk(app, resources)
    await desk.send("/work/next")
    return desk


async def in_hand(resources: Resources) -> list[Lead]:
    return list(await view_held(resources, "anna"))


async def anna(resources: Resources) -> AtWork:
    return await view_operator(resources, "anna")


async def planned(desk: PlainDesk, resources: Resources) -> Lead:
    (lead,) = await in_hand(resources)
    await desk.send("/work/presence", status="break", reason="lunch", after=lead.id)
    return lead


async def test_no_next_lead_is_taken_before_a_planned_break(
    desk: PlainDesk, resources: Resources
) -> None:
    lead = await planned(desk, resources)
    assert PLANNED in await desk.page()
    assert (await anna(resources)).presence is Presence.ONLINE
    page = await desk.send(
        f"/work/{lead.id}/settle", outcome="lost", reason="дорого", note="-", then="next"
    )
    assert await in_hand(resources) == []
    now = await anna(resources)
    assert (now.presence, now.operator.reason) == (Presence.BREAK, "lunch")
    assert "Lunch" in page
    assert PLANNED not in page
    await desk.send("/work/presence", status="online")
    await desk.send("/work/next")
    assert len(await in_hand(resources)) == 1
    assert (await anna(resources)).presence is Presence.ONLINE


async def test_a_lead_that_is_taken_away_begins_the_break_too(
    desk: PlainDesk, resources: Resources
) -> None:
    lead = await planned(desk, resources)
    await take_away(resources, lead.id, Instruction("vera", "срочно"))
    await desk.page("/work/parts")
    assert (await anna(resources)).presence is Presence.BREAK
    assert (await view_lead(resources, lead.id)).state is State.WAITING


@pytest.mark.parametrize("fields", [{"after": ""}, {"status": "online"}])
async def test_a_planned_break_can_be_dropped(
    desk: PlainDesk, resources: Resources, fields: dict[str, str]
) -> None:
    lead = await planned(desk, resources)
    assert PLANNED not in await desk.send("/work/presence", **fields)
    await desk.send(f"/work/{lead.id}/release")
    assert (await anna(resources)).presence is Presence.ONLINE


async def test_who_went_home_meanwhile_has_no_break(desk: PlainDesk, resources: Resources) -> None:
    lead = await planned(desk, resources)
    await change_presence(resources, "anna", Presence.OFFLINE)
    await desk.send(f"/work/{lead.id}/release")
    assert (await anna(resources)).presence is Presence.OFFLINE


async def test_a_break_is_planned_only_after_a_lead_in_hand(
    desk: PlainDesk, resources: Resources
) -> None:
    (lead,) = await in_hand(resources)
    await desk.send(f"/work/{lead.id}/release")
    page = await desk.send(
        "/work/presence", 409, status="break", reason="lunch", after=f"{lead.id}"
    )
    assert "not in your hands" in page
    assert (await anna(resources)).presence is Presence.ONLINE
