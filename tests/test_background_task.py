"""What runs beside something else has ended when that goes on."""

import asyncio

from service.background_task import stop


async def test_whoever_stops_others_and_is_cancelled_waits_for_them_all_the_same() -> None:
    let_go, ended = asyncio.Event(), asyncio.Event()

    async def hold_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            while not let_go.is_set():
                try:
                    await let_go.wait()
                except asyncio.CancelledError:
                    continue
            ended.set()

    held = asyncio.create_task(hold_on())
    await asyncio.sleep(0)
    stopping = asyncio.create_task(stop([held]))
    await asyncio.sleep(0)
    stopping.cancel()
    await asyncio.sleep(0)
    assert not stopping.done()
    let_go.set()
    await asyncio.wait([stopping])
    assert ended.is_set()
    assert stopping.cancelled()
