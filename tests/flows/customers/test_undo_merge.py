"""What a person takes apart: cards, and the parts that they had before."""

from datetime import timedelta
from typing import Any

import pytest
from driven_clock import DrivenClock
from stories import Receive, add_queue

from service.flows.customers import part_leads
from service.flows.customers import undo_merge as undoing
from service.flows.customers.merge_clients import MergeRequest, merge_clients
from service.flows.customers.undo_merge import undo_merge
from service.flows.leads.update_customer import update_customer
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.card import CardChange
from service.leads.customer import Customer
from service.leads.errors import MoveNotAllowed
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.customers.customers import find_card, open_lead_ids
from service.storage.customers.merges import ClientMerge
from service.storage.leads.duplicates import Sender
from service.storage.leads.leads import find_many


async def cards(resources: Resources, *numbers: str) -> None:
    for number in numbers:
        await update_customer(resources, number, CardChange(), "crm")


async def merge(resources: Resources, source: str, into: str) -> ClientMerge:
    done, _ = await merge_clients(resources, MergeRequest(into, source, "one person", "anna"))
    return done


async def undo(resources: Resources, done: ClientMerge) -> list[Lead]:
    _, apart = await undo_merge(resources, done.id, "anna", "they are two")
    return apart


async def wholes(resources: Resources, *numbers: str) -> list[str | None]:
    """Of which card each one is part."""
    async with resources.stores.database.transaction() as connection:
        found = [await find_card(connection, number) for number in numbers]
    return [card.merged_into if card else "gone" for card in found]


async def test_what_was_part_of_a_card_before_is_part_of_it_again(resources: Resources) -> None:
    await cards(resources, "a", "b", "c", "d")
    for source in ("a", "d"):
        await merge(resources, source, "b")
    later = await merge(resources, "b", "c")
    assert await wholes(resources, *"abcd") == ["c", "c", None, "c"]
    await undo(resources, later)
    assert await wholes(resources, *"abcd") == ["b", None, None, "b"]


async def test_a_longer_chain_is_taken_apart_link_by_link(resources: Resources) -> None:
    await cards(resources, "a", "b", "c", "d")
    links = [await merge(resources, *pair) for pair in ("ab", "bc", "cd")]
    for link, left in zip(
        reversed(links),
        (["c", "c", None, None], ["b", None, None, None], [None, None, None, None]),
        strict=True,
    ):
        await undo(resources, link)
        assert await wholes(resources, *"abcd") == left


class Died(Exception):
    """The process."""


def die_once(monkeypatch: pytest.MonkeyPatch, where: Any, step: str) -> None:
    """The process dies before a step, the first time that it comes there."""
    goes_on = getattr(where, step)

    async def dies(*_: object, **__: object) -> None:
        monkeypatch.setattr(where, step, goes_on)
        raise Died

    monkeypatch.setattr(where, step, dies)


STEPS = [
    *((undoing, "part_leads"), (part_leads, "show_all_in_line")),
    *((part_leads, "split_lead"), (part_leads, "note_apart")),
]


async def two_clients(resources: Resources, receive: Receive) -> ClientMerge:
    """Two clients: leads of both are in `main`, where they join, and b has one elsewhere."""
    await add_queue(resources, "branch")
    await cards(resources, "a", "b")
    for queue, number in (("main", "a"), ("main", "b"), ("branch", "b")):
        await receive(queue=queue, customer=Customer(number), text=f"{number} in {queue}")
    return await merge(resources, "b", "a")


async def words(resources: Resources, number: str) -> list[str]:
    """What stands in the open leads of a client."""
    async with resources.stores.database.transaction() as connection:
        leads = await find_many(connection, await open_lead_ids(connection, number))
    return sorted(str(lead.signal.text) for lead in leads)


@pytest.mark.parametrize(("where", "step"), STEPS)
async def test_who_undoes_again_finishes_what_was_interrupted(
    resources: Resources,
    receive: Receive,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    step: str,
) -> None:
    done = await two_clients(resources, receive)
    assert await words(resources, "a") == ["a in main\nb in main", "b in branch"]
    die_once(monkeypatch, where, step)
    with pytest.raises(Died):
        await undo(resources, done)
    await undo(resources, done)
    assert await words(resources, "a") == ["a in main"]
    assert await words(resources, "b") == ["b in branch", "b in main"]
    with pytest.raises(MoveNotAllowed, match="undone already"):
        await undo(resources, done)


@pytest.mark.parametrize(("where", "step"), STEPS)
async def test_upkeep_finishes_what_nobody_repeats(
    resources: Resources,
    receive: Receive,
    clock: DrivenClock,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    step: str,
) -> None:
    done = await two_clients(resources, receive)
    die_once(monkeypatch, where, step)
    with pytest.raises(Died):
        await undo(resources, done)
    clock.moment += timedelta(minutes=2)
    await keep_in_step(resources)
    assert await words(resources, "a") == ["a in main"]
    assert await words(resources, "b") == ["b in branch", "b in main"]
    with pytest.raises(MoveNotAllowed, match="undone already"):
        await undo(resources, done)


@pytest.mark.parametrize(("where", "step"), STEPS)
@pytest.mark.parametrize(("source", "into"), [("b", "a"), ("a", "b"), ("c", "b"), ("a", "c")])
async def test_nobody_is_merged_again_before_their_leads_are_apart(
    resources: Resources,
    receive: Receive,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    step: str,
    source: str,
    into: str,
) -> None:
    done = await two_clients(resources, receive)
    await cards(resources, "c")
    die_once(monkeypatch, where, step)
    with pytest.raises(Died):
        await undo(resources, done)
    with pytest.raises(MoveNotAllowed, match="being undone"):
        await merge(resources, source, into)
    await undo(resources, done)
    await merge(resources, source, into)


async def test_a_lead_that_went_to_somebody_else_since_stays_there(
    resources: Resources, receive: Receive
) -> None:
    await cards(resources, "a", "b", "c")
    lead = await receive(customer=Customer("b"), text="a filter")
    first = await merge(resources, "b", "a")
    told = LeadUpdate(
        {"customer": Customer("c")}, from_client=False, sender=Sender("crm", may_read=True)
    )
    await update_lead(resources, lead.id, told)
    await undo(resources, first)
    assert await words(resources, "c") == ["a filter"]
