"""What breaks between two writes is repaired: with servers that are really killed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime

import psutil
import pytest
from alembic import command
from builders import a_signal
from driven_clock import DrivenClock
from pydantic import SecretStr
from running import data_directory

from service.embedded.servers import Addresses, running_servers
from service.flows.claims.claim_next import claim_next
from service.flows.leads.receive_signal import receive_signal
from service.flows.operators.change_operator import change_operator
from service.flows.operators.change_queue import QueueRequest, change_queue
from service.flows.upkeep.keep_in_step import keep_in_step
from service.leads.errors import StorageUnavailable
from service.leads.lead import Lead
from service.leads.operator import Operator
from service.queue.line import Line
from service.resources import Resources, open_resources
from service.settings import Settings
from service.storage.leads.claims import ClaimRequest, Claims
from service.storage.leads.duplicates import Sender
from service.storage.schema_check import migration_config


@pytest.fixture(scope="module")
def mortal_servers() -> Iterator[Addresses]:
    """Servers that these tests may kill."""
    with data_directory() as data_dir, running_servers(data_dir) as addresses:
        command.upgrade(migration_config(addresses.database_url), "head")
        yield addresses


@pytest.fixture
async def mortal(mortal_servers: Addresses) -> AsyncIterator[Resources]:
    """Resources on servers that may be killed."""
    settings = Settings(
        database_url=SecretStr(mortal_servers.database_url),
        redis_url=SecretStr(mortal_servers.redis_url),
    )
    async with open_resources(settings, DrivenClock()) as resources:
        await change_queue(
            resources, QueueRequest("empty", "Empty", "RUB", "Europe/Moscow"), "tests"
        )
        for name, queue in (("anna", "main"), ("boris", "main"), ("nobody", "empty")):
            await change_operator(resources, Operator(name, (queue,)))
        await eventually(lambda: line_answers(resources))
        yield resources


def kill(name: str, addresses: Addresses) -> None:
    """kill -9 of one of the two servers; its supervisor will start it again."""
    directory = addresses.redis_url.removeprefix("unix://").rsplit("/", 2)[0]
    for process in psutil.process_iter(["name", "cmdline"]):
        command_line = process.info["cmdline"] or ()
        if process.info["name"].startswith(name) and any(
            directory in item for item in command_line
        ):
            process.kill()


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Look again until it holds, for at most half a minute."""
    async with asyncio.timeout(30):
        while not await holds():  # noqa: ASYNC110  another process holds or not
            await asyncio.sleep(0.05)


async def line_answers(resources: Resources) -> bool:
    resources.clock.pass_by(milliseconds=10)
    try:
        await keep_in_step(resources)
        return (await claim_next(resources, "nobody")).from_line
    except StorageUnavailable:
        return False


class LineThatDies(Line):
    """The real line; its server is killed just when it is to be told."""

    def __init__(self, line: Line, addresses: Addresses) -> None:
        self.__dict__.update(line.__dict__)
        self.addresses = addresses

    async def show(self, lead: Lead, now: datetime) -> bool:
        kill("valkey", self.addresses)
        return await super().show(lead, now)


class ClaimsThatDie(Claims):
    """The real claims; Postgres is killed just when it is to confirm."""

    def __init__(self, resources: Resources, addresses: Addresses) -> None:
        super().__init__(resources.stores.database)
        self.addresses = addresses

    async def confirm(self, wanted: ClaimRequest) -> Lead | None:
        kill("postgres", self.addresses)
        return await super().confirm(wanted)


async def test_valkey_killed_between_the_commit_and_the_put(
    mortal: Resources, mortal_servers: Addresses
) -> None:
    dying = replace(mortal, line=LineThatDies(mortal.line, mortal_servers))
    signal = a_signal(received_at=mortal.clock.now())
    received = await receive_signal(dying, signal, Sender("tests"))
    assert received.created
    meanwhile = await claim_next(mortal, "anna")
    assert (meanwhile.lead.id, meanwhile.from_line) == (received.lead.id, False)
    await eventually(lambda: line_answers(mortal))
    again = await claim_next(mortal, "anna")
    assert (again.lead.id, again.from_line) == (received.lead.id, True)
    assert again.lead.claim.token == meanwhile.lead.claim.token


async def test_postgres_killed_between_the_reservation_and_the_confirmation(
    mortal: Resources, mortal_servers: Addresses
) -> None:
    lead = (
        await receive_signal(mortal, a_signal(received_at=mortal.clock.now()), Sender("tests"))
    ).lead
    dying = replace(
        mortal, stores=replace(mortal.stores, claims=ClaimsThatDie(mortal, mortal_servers))
    )
    await mortal.stores.directory.operator("boris")
    with pytest.raises(StorageUnavailable):
        await claim_next(dying, "boris")
    await eventually(lambda: line_answers(mortal))
    assert (await claim_next(mortal, "boris")).lead.id == lead.id
