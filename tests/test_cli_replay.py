"""`nextlead replay` on the tests' own servers, in a process as somebody types it."""

import subprocess
from datetime import timedelta
from typing import Any

import pytest
from running import nextlead
from sqlalchemy import text
from stories import Receive, take

from service.embedded.servers import Addresses
from service.resources import Resources
from service.storage.leads.claim_events import last_claim


@pytest.fixture
def replay(servers: Addresses) -> Any:
    """Runs the command beside the application of the tests."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        addresses = {
            "NEXTLEAD_DATABASE_URL": servers.database_url,
            "NEXTLEAD_REDIS_URL": servers.redis_url,
        }
        return nextlead("replay", *map(str, arguments), **addresses)

    return run


async def test_a_claim_is_told_and_found_equal(
    resources: Resources, receive: Receive, replay: Any
) -> None:
    lead = await receive(received_at=resources.clock.now() - timedelta(minutes=1))
    await take(resources, "anna")
    ended = replay(lead.id)
    assert (ended.returncode, ended.stderr) == (0, "")
    head, _, *lines = ended.stdout.splitlines()
    assert head.endswith(f": 2026-06-10 12:00:00 MSK, anna, {lead.id}")
    assert lines[0] == "This is a chat; the client wants to buy."
    assert "chance            0.45  (kind chat; A3)" in lines
    assert f"rank              {lead.ranking.rank}" in lines
    assert lines[-1] == "equal"


async def test_a_claim_is_named_by_its_event_and_told_in_russian(
    resources: Resources, receive: Receive, replay: Any
) -> None:
    lead = await receive()
    await take(resources, "anna")
    async with resources.stores.database.transaction() as connection:
        claim = await last_claim(connection, lead.id)
    ended = replay(claim.id, "--language", "ru")
    assert ended.returncode == 0
    assert "Это чат; клиент хочет купить." in ended.stdout.splitlines()


TAMPERED = """
UPDATE lead_events SET details = jsonb_set(details::jsonb, '{path}', '{value}')::json
WHERE type = 'lead.claimed'
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("{explanation,score}", "99.5", "score: stored 99.5, found again 41.63"),
        ("{explanation,chance}", "null", "chance.value: stored None, found again 0.45"),
    ],
)
async def test_what_was_changed_is_named_and_ends_with_1(
    resources: Resources, receive: Receive, replay: Any, path: str, value: str, line: str
) -> None:
    lead = await receive()
    await take(resources, "anna")
    async with resources.stores.database.transaction() as connection:
        await connection.execute(text(TAMPERED.format(path=path, value=value)))
    ended = replay(lead.id)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert line in ended.stdout.splitlines()
    assert "equal" not in ended.stdout.splitlines()


@pytest.mark.parametrize(
    ("wanted", "status", "message"),
    [
        ("01890a5d-ac96-774b-bcce-b302099a8057", 1, "No lead has the id 01890a5d"),
        ("9223372036854775807", 1, "No claim has the event id 9223372036854775807."),
        ("9223372036854775808", 2, "neither a lead's id nor the number of a claim's event"),
        ("lead", 2, "`lead` is neither a lead's id nor the number of a claim's event."),
    ],
)
async def test_what_is_not_known_is_said_in_one_line(
    resources: Resources, replay: Any, wanted: str, status: int, message: str
) -> None:
    ended = replay(wanted)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_a_lead_that_nobody_claimed_is_named(
    resources: Resources, receive: Receive, replay: Any
) -> None:
    lead = await receive()
    ended = replay(lead.id)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"nextlead: Nobody has claimed the lead {lead.id} yet.\n"
