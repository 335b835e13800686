"""From the line at the desk an operator takes a lead out of turn, or reads why they may not."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from plain_desk import plain_desk
from stories import Receive

from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.supervise import Instruction, assign_lead
from service.flows.leads.view_leads import view_held
from service.flows.operators.change_presence import change_presence
from service.leads.errors import NotEligible
from service.leads.lead import Channel, Kind
from service.leads.operator import Presence
from service.pages.claims.acting import words_of_error
from service.pages.reader import PageCall, PageReader
from service.resources import Resources
from service.storage.operators.operators import find_operator, put_operator

FULL = "finish one in hand first"


async def held(resources: Resources) -> list[object]:
    return [lead.id for lead in await view_held(resources, "anna")]


async def may_hold(resources: Resources, capacity: int, **limits: int) -> None:
    async with resources.stores.database.transaction() as connection:
        anna = await find_operator(connection, "anna")
        by_kind = {Kind(kind): limit for kind, limit in limits.items()}
        changed = replace(anna, capacity=capacity, capacity_by_kind=by_kind)
        await put_operator(connection, changed, resources.clock.now())
    resources.stores.directory.forget()


async def test_the_second_of_the_line_is_taken_before_the_first(
    app: FastAPI, resources: Resources, receive: Receive
) -> None:
    leads = [await receive(text=words) for words in ("Масло", "Свечи")]
    desk = await plain_desk(app, resources)
    page = await desk.page()
    assert page.count("Take out of turn") == 2
    last = max(leads, key=lambda lead: page.index(f"/work/{lead.id}/take"))
    page = await desk.send(f"/work/{last.id}/take")
    assert await held(resources) == [last.id]
    assert "Take out of turn" not in page
    assert FULL in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "You hold as many leads as you may"), ("ru", "предельное число обращений")],
)
async def test_with_full_hands_it_is_said_in_words(
    app: FastAPI, resources: Resources, receive: Receive, language: str, words: str
) -> None:
    first, second = [await receive(text=words) for words in ("Масло", "Свечи")]
    desk = await plain_desk(app, resources, language=language)
    await desk.send(f"/work/{first.id}/take")
    assert words in await desk.send(f"/work/{second.id}/take", 409)
    assert await held(resources) == [first.id]


async def test_a_limit_of_a_kind_is_named(
    app: FastAPI, resources: Resources, receive: Receive
) -> None:
    await may_hold(resources, 3, offline=1)
    letters = [await receive(text=words, channel=Channel.EMAIL) for words in ("Счёт", "Цены")]
    desk = await plain_desk(app, resources)
    await desk.send(f"/work/{letters[0].id}/take")
    page = await desk.send(f"/work/{letters[1].id}/take", 409)
    assert "You hold as many of “" in page


async def test_who_was_slower_or_has_no_right_reads_why(
    app: FastAPI, resources: Resources, receive: Receive
) -> None:
    leads = [await receive(text=words) for words in ("Масло", "Свечи", "Диски")]
    desk = await plain_desk(app, resources)
    await change_presence(resources, "boris", Presence.ONLINE)
    await claim_lead(resources, leads[0].id, "boris")
    assert "Somebody was faster" in await desk.send(f"/work/{leads[0].id}/take", 409)
    await assign_lead(resources, leads[1].id, "boris", Instruction("vera", "его клиент"))
    assert "It is kept for boris." in await desk.send(f"/work/{leads[1].id}/take", 409)
    assert await held(resources) == []


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (NotEligible("-", owner="boris"), "ждёт сотрудника: boris"),
        (NotEligible("-", skills={"wholesale", "shows"}), "умеет: shows, wholesale"),
        (NotEligible("-"), "в очереди, которую вы не обслуживаете"),
    ],
)
def test_each_refusal_has_words(refusal: NotEligible, words: str) -> None:
    nothing: Any = None
    call = PageCall(nothing, nothing, PageReader("ru", "auto"))
    assert words in words_of_error(call, refusal)
