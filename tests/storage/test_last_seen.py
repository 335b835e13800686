"""Signs of life: written down now and then, and never lost or turned back."""

import asyncio
from datetime import datetime, timedelta

import pytest
from driven_clock import NOON

from service.leads.errors import StorageFailed
from service.leads.operator import Operator
from service.resources import Resources
from service.storage.operators.last_seen import LastSeen
from service.storage.operators.operators import put_operator

SEEN = "SELECT name, seen_at FROM operators"
SECOND = timedelta(seconds=1)


@pytest.fixture
def attendance(resources: Resources) -> LastSeen:
    """That of a process which has seen nobody yet."""
    return LastSeen(resources.stores.database)


async def written(resources: Resources) -> dict[str, datetime | None]:
    return {row["name"]: row["seen_at"] for row in await resources.stores.database.fetch(SEEN)}


async def test_who_was_seen_is_written_down_at_the_next_write(
    resources: Resources, attendance: LastSeen
) -> None:
    attendance.seen("anna", NOON)
    assert await written(resources) == {"anna": None, "boris": None}
    await attendance.write()
    assert await written(resources) == {"anna": NOON, "boris": None}


async def test_the_last_sign_before_a_write_counts(
    resources: Resources, attendance: LastSeen
) -> None:
    for seconds in (0, 1, 2):
        attendance.seen("anna", NOON + seconds * SECOND)
    await attendance.write()
    assert (await written(resources))["anna"] == NOON + 2 * SECOND


async def test_one_who_never_rests_is_written_every_ten_seconds(
    resources: Resources, attendance: LastSeen
) -> None:
    found = []
    for seconds in range(31):
        attendance.seen("anna", NOON + seconds * SECOND)
        await attendance.write()
        found.append((await written(resources))["anna"])
    assert found == [NOON + seconds // 10 * 10 * SECOND for seconds in range(31)]


async def test_what_could_not_be_written_is_written_later(
    resources: Resources, attendance: LastSeen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        attendance.seen("boris", NOON)
        raise StorageFailed("away")

    attendance.seen("anna", NOON)
    with monkeypatch.context() as broken:
        broken.setattr(resources.stores.database.__class__, "fetch", fail)
        with pytest.raises(StorageFailed):
            await attendance.write()
    await attendance.write()
    assert await written(resources) == {"anna": NOON, "boris": NOON}


async def test_who_is_seen_during_a_write_is_written_next(
    resources: Resources, attendance: LastSeen, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, write = resources.stores.database.__class__, resources.stores.database.fetch

    async def see_meanwhile(_: object, *arguments: object) -> object:
        attendance.seen("anna", NOON + SECOND)
        attendance.seen("boris", NOON + SECOND)
        return await write(*arguments)

    attendance.seen("anna", NOON)
    with monkeypatch.context() as busy:
        busy.setattr(database, "fetch", see_meanwhile)
        await attendance.write()
    await attendance.write()
    assert await written(resources) == {"anna": NOON + SECOND, "boris": NOON + SECOND}


async def test_an_older_sign_from_another_process_turns_nothing_back(
    resources: Resources, attendance: LastSeen
) -> None:
    attendance.seen("anna", NOON)
    await attendance.write()
    behind = LastSeen(resources.stores.database)
    behind.seen("anna", NOON - SECOND)
    await behind.write()
    assert (await written(resources))["anna"] == NOON


async def test_processes_that_saw_the_same_write_at_once(resources: Resources) -> None:
    names = [f"operator-{number}" for number in range(100)]
    async with resources.stores.database.transaction() as connection:
        for name in names:
            await put_operator(connection, Operator(name, ("main",)), NOON)
    for second in range(10):
        processes = [LastSeen(resources.stores.database) for _ in range(4)]
        for number, process in enumerate(processes):
            for name in reversed(names) if number % 2 else names:
                process.seen(name, NOON + second * SECOND)
        await asyncio.gather(*(process.write() for process in processes))
    found = await written(resources)
    assert {found[name] for name in names} == {NOON + 9 * SECOND}


async def test_a_name_that_is_no_operators_is_nothing(
    resources: Resources, attendance: LastSeen
) -> None:
    attendance.seen("stranger", NOON)
    attendance.seen("anna", NOON)
    await attendance.write()
    assert await written(resources) == {"anna": NOON, "boris": None}


async def test_a_change_of_the_operator_keeps_when_he_was_seen(
    resources: Resources, attendance: LastSeen
) -> None:
    attendance.seen("anna", NOON)
    await attendance.write()
    async with resources.stores.database.transaction() as connection:
        await put_operator(connection, Operator("anna", ("main",), capacity=3), NOON + SECOND)
    assert (await written(resources))["anna"] == NOON
