"""A name server that does not answer holds up those who need it, and nobody else."""

import asyncio
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from api.doors import until
from outgoing.receiver import receiving

from service.background_task import background_task
from service.outgoing.guarded_client import GuardedClient, open_guarded_client
from service.outgoing.resolver import AT_ONCE

DEAD = "dead.example.com"
MANY = 100  # more than all the threads of the loop and of the names together


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names that the system was asked for; the server of dead ones is silent to the end."""
    found: list[str] = []
    ended, look_up = threading.Event(), socket.getaddrinfo

    def silent(host: str, *arguments: Any, **more: Any) -> Any:
        found.append(host)
        if host.endswith(DEAD):
            ended.wait()
            raise socket.gaierror
        return look_up(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    yield found
    ended.set()


async def post_all(outside: GuardedClient, hosts: Iterable[str]) -> None:
    await asyncio.gather(*(outside.post(f"http://{host}/", b"", {}) for host in hosts))


async def test_dead_names_leave_the_threads_of_all_others_free(asked: list[str]) -> None:
    dead = [f"{item}.{DEAD}" for item in range(MANY)]
    async with (
        open_guarded_client(private=True) as outside,
        background_task(post_all(outside, dead)),
    ):
        await until(lambda: len(asked) == AT_ONCE)
        async with asyncio.timeout(10):
            assert await asyncio.to_thread(lambda: "done") == "done"


async def test_a_dead_name_takes_one_thread_however_often_it_is_posted_to(
    asked: list[str],
) -> None:
    async with (
        receiving() as receiver,
        open_guarded_client(private=True) as outside,
        background_task(post_all(outside, [DEAD] * MANY)),
    ):
        await until(lambda: asked)
        here = f"http://localhost:{receiver.port}/"
        assert (await outside.post(here, b"", {})).status == 200
    assert asked == [DEAD, "localhost"]
