"""Whoever listens has a bounded mailbox and begins where the next look begins."""

import asyncio

import pytest

from service.leads.errors import Overloaded
from service.leads.event_position import Cursor, EventPosition
from service.queue import mailbox as mailbox_module
from service.queue.listeners import Listener, Listeners
from service.queue.mailbox import MAX_MESSAGES, Mailbox
from service.queue.places import MAX_OF_ONE, WaitingPlaces


def listeners(places: int = 100) -> Listeners:
    return Listeners(WaitingPlaces(places))


async def test_messages_are_taken_together_and_in_order() -> None:
    box = Mailbox()
    box.put(b"1")
    box.put(b"2")

    assert await box.take(0) == b"12"
    assert await box.take(0) == b""


async def test_of_messages_that_replace_each_other_the_last_is_taken() -> None:
    box = Mailbox()
    for message in (b"old", b"new"):
        box.put_latest("head", message)
    box.put(b"event ")

    assert await box.take(0) == b"event new"


async def test_a_message_wakes_who_waits_for_one() -> None:
    box = Mailbox()
    taking = asyncio.create_task(box.take(30))
    await asyncio.sleep(0)
    box.put(b"1")

    async with asyncio.timeout(5):
        assert await taking == b"1"


async def test_whoever_reads_too_few_messages_is_cut() -> None:
    box = Mailbox()
    for _ in range(MAX_MESSAGES):
        box.put(b"1")
    assert not box.is_cut

    box.put(b"1")
    assert box.is_cut
    assert await box.take(0) == b""


async def test_whoever_reads_too_few_bytes_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox_module, "MAX_BYTES", 10)
    box = Mailbox()
    box.put(b"1234567890")
    assert not box.is_cut

    box.put(b"1")
    assert box.is_cut


async def test_what_was_taken_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox_module, "MAX_BYTES", 10)
    box = Mailbox()
    for _ in range(3):
        box.put(b"1234567890")
        await box.take(0)

    assert not box.is_cut


async def test_what_is_in_a_closed_box_is_handed_out() -> None:
    box = Mailbox()
    box.put(b"last")
    box.close()
    box.put(b"too late")

    assert await box.take(30) == b"last"
    assert await box.take(30) == b""
    assert not box.is_cut


async def test_whoever_comes_during_a_look_begins_with_the_next() -> None:
    here, listener = listeners(), Listener("anna", ("main",), "anna")
    here.let_begin(Cursor(0, EventPosition(5)))
    with here.listening(listener):
        assert not listener.begins_before(EventPosition(7, "lead", 1))
        here.let_begin(Cursor(0, EventPosition(9)))
        assert not listener.begins_before(EventPosition(8, "lead", 1))
        assert listener.begins_before(EventPosition(9, "lead", 1))


async def test_what_a_listener_knows_from_before_is_no_news() -> None:
    here, after = listeners(), EventPosition(9, "lead", 4)
    listener = Listener("anna", ("main",), "anna", after=after)
    with here.listening(listener):
        here.let_begin(Cursor(0, EventPosition(8)))
        assert not listener.begins_before(after)
        assert listener.begins_before(EventPosition(9, "lead", 5))


async def test_nobody_is_there_once_the_last_one_left() -> None:
    here = listeners()
    with here.listening(Listener("anna", ("main", "parts"), "anna")):
        assert here.present.is_set()
        assert set(here.queues()) == {"main", "parts"}
    assert not here.present.is_set()
    assert not here.queues()
    assert len(here) == 0


async def test_a_queue_that_nobody_listens_to_moves_nobody() -> None:
    here = listeners()
    with here.listening(Listener("anna", ("main",), "anna")):
        here.changed.clear()
        here.note_change("parts")
        assert not here.changed
        here.note_change("main")
        assert here.changed == {"main"}


async def test_one_has_so_many_streams_and_no_more() -> None:
    here = listeners()
    opened = [Listener("anna", ("main",), "anna") for _ in range(MAX_OF_ONE + 1)]
    held = [here.listening(one) for one in opened]
    for one in held[:-1]:
        one.__enter__()
    with pytest.raises(Overloaded), held[-1]:
        pass
    for one in held[:-1]:
        one.__exit__(None, None, None)
    assert len(here) == 0


async def test_a_stream_that_is_opened_as_the_process_ends_is_closed() -> None:
    here, before = listeners(), Listener("anna", ("main",), "anna")
    with here.listening(before):
        here.end()
        assert before.mailbox.is_closed
        after = Listener("boris", ("main",), "boris")
        with here.listening(after):
            assert after.mailbox.is_closed
