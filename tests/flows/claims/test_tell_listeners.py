"""Who listens is told of the head of their line, whatever becomes of another listener."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from stories import Receive

from service.background import streaming
from service.flows.claims.tell_listeners import operators_listener, tell_heads
from service.leads.errors import StorageUnavailable
from service.queue.listeners import Listener, Listeners
from service.queue.places import WaitingPlaces
from service.resources import Resources
from service.storage.operators.operators import delete_operator


@pytest.fixture
async def unheard(resources: Resources) -> Resources:
    """Resources whose listeners nobody tells of anything but the test."""
    return replace(resources, listeners=Listeners(WaitingPlaces(100)))


async def test_who_was_removed_hears_no_more_and_the_others_are_told(
    unheard: Resources, receive: Receive
) -> None:
    gone, there = [await operators_listener(unheard, name) for name in ("anna", "boris")]
    whole = Listener("queue main tests", ("main",))
    listening = unheard.listeners.listening
    with listening(gone), listening(there), listening(whole):
        async with unheard.stores.database.transaction() as connection:
            await delete_operator(connection, "anna")
        unheard.stores.directory.forget()
        lead = await receive()
        assert await tell_heads(unheard, {"main"}, 1.0) == set()
        for listener in (there, whole):
            assert str(lead.id).encode() in await listener.mailbox.take(0)
        assert gone.mailbox.is_closed


async def test_what_could_not_be_told_is_told_next_time(
    unheard: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[set[str]] = []

    async def fails_once(_: Resources, queues: Collection[str], at: float) -> set[str]:
        told.append(set(queues))
        if len(told) == 1:
            unheard.listeners.changed.add("parts")  # meanwhile
            raise StorageUnavailable
        return set()

    monkeypatch.setattr(streaming, "tell_heads", fails_once)
    with unheard.listeners.listening(Listener("queue main tests", ("main",))):
        with pytest.raises(StorageUnavailable):
            await streaming.tell_changes(unheard, 1.0)
        await streaming.tell_changes(unheard, 2.0)
        await streaming.tell_changes(unheard, 3.0)
    assert told == [{"main"}, {"main", "parts"}, set()]
