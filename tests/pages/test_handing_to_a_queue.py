"""From the desk a lead is handed over to another queue that is open."""

import pytest
from fastapi import FastAPI
from plain_desk import PlainDesk, plain_desk
from stories import Receive

from service.flows.leads.view_leads import view_lead
from service.flows.operators.change_queue import QueueRequest, change_queue
from service.flows.operators.close_queue import update_existing_queue
from service.leads.lead import Lead, State
from service.resources import Resources

NORTH, SOUTH = "Магазин на Северной", "Магазин на Южной"
WORDS = "спросил адрес на Северной"


@pytest.fixture
async def lead(resources: Resources, receive: Receive) -> Lead:
    """A lead of `main` beside two other queues, of which one is closed."""
    for name, title in (("north", NORTH), ("south", SOUTH)):
        await change_queue(resources, QueueRequest(name, title), "vera")
    await update_existing_queue(resources, QueueRequest("south"), "vera", closed=True)
    return await receive(text="Масло")


@pytest.fixture
async def desk(app: FastAPI, resources: Resources, lead: Lead) -> PlainDesk:
    """A desk with that lead in hand."""
    desk = await plain_desk(app, resources)
    await desk.send("/work/next")
    return desk


async def test_a_lead_is_handed_to_another_open_queue(
    desk: PlainDesk, resources: Resources, lead: Lead
) -> None:
    page = await desk.page()
    assert "another queue: Магазин на Северной" in page
    assert SOUTH not in page
    assert "queue:main" not in page
    await desk.send(f"/work/{lead.id}/transfer", to="queue:north", note=WORDS)
    moved = await view_lead(resources, lead.id)
    assert (moved.signal.queue, moved.state, moved.note) == ("north", State.WAITING, WORDS)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("queue:south", "This queue cannot take it."),
        ("queue:nowhere", "This queue cannot take it."),
        ("queue:", "Choose to whom."),
        ("team:north", "Choose to whom."),
    ],
)
async def test_what_cannot_take_it_is_said(
    desk: PlainDesk, resources: Resources, lead: Lead, to: str, words: str
) -> None:
    page = await desk.send(f"/work/{lead.id}/transfer", 422, to=to, note=WORDS)
    assert words in page
    assert (await view_lead(resources, lead.id)).state is State.CLAIMED
