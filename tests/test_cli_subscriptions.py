"""`nextlead subscription …` beside a service that runs, as it is typed."""

import asyncio
import subprocess
from typing import Any

import pytest
from outgoing.receiver import receiving
from running import nextlead
from standardwebhooks.webhooks import Webhook

from service.embedded.servers import Addresses
from service.flows.events.view_subscriptions import view_subscriptions
from service.resources import Resources
from service.settings import Settings


@pytest.fixture
def typed(servers: Addresses, settings: Settings) -> Any:
    """Runs a command beside the application of the tests, without standing in its way."""
    (key,) = settings.sealing_keys()
    environment = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
        "NEXTLEAD_SECRET_KEYS": key,
        "NEXTLEAD_PRIVATE_ADDRESSES": "true",
    }

    async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(nextlead, "subscription", *arguments, **environment)

    return run


async def test_a_subscription_is_added_tried_out_shown_and_removed(
    resources: Resources, typed: Any
) -> None:
    async with receiving() as receiver:
        sent = ("--url", receiver.url, "--type", "lead.*", "--type", "message.due")
        added = await typed("add", "crm", *sent)
        assert added.returncode == 0, added.stderr
        secret = added.stdout.strip()
        assert (await typed("test", "crm")).stdout == "It answered 200.\n"
        Webhook(secret).verify(receiver.requests[0].body, receiver.requests[0].headers)
        shown = (await typed("list")).stdout
        assert shown.splitlines() == [
            f"crm  {receiver.url}  all queues  active",
            "    lead.*, message.due",
            "    pending 0  dead 0",
        ]
    assert (await typed("remove", "crm")).returncode == 0
    assert await view_subscriptions(resources) == []


async def test_what_is_wrong_is_said_in_one_line(resources: Resources, typed: Any) -> None:
    url = ("--url", "https://crm.example.com")
    for arguments, reported in (
        (("add", "crm", *url, "--type", "lead"), "is not of the form"),
        (("add", "crm", "--url", "ftp://crm"), "it must begin with https://"),
    ):
        wrong = await typed(*arguments)
        assert wrong.returncode in (1, 2)
        assert reported in wrong.stderr
        assert "Traceback" not in wrong.stderr
