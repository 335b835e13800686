"""`nextlead source` and `nextlead deliveries` beside a service that runs, as they are typed."""

import subprocess
from typing import Any

import httpx
import pytest
from driven_clock import DrivenClock
from running import nextlead
from webhook_stories import a_chat, all_read, deliver, delivered

from service.embedded.servers import Addresses
from service.resources import Resources
from service.settings import Settings

SECRET = "as quiet as a mouse"


@pytest.fixture
def typed(servers: Addresses, settings: Settings) -> Any:
    """Runs a command beside the application of the tests."""
    (key,) = settings.sealing_keys()
    environment = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
        "NEXTLEAD_SECRET_KEYS": key,
        "NEXTLEAD_PUBLIC_URL": "https://leads.shop.ru",
        "TAWK_SECRET": SECRET,
        "NOTHING": "",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return nextlead(*arguments, **environment)

    return run


async def test_a_source_is_added_heard_shown_and_removed(
    client: httpx.AsyncClient, resources: Resources, clock: DrivenClock, typed: Any
) -> None:
    chosen = ("--adapter", "tawk", "--secret", "secret=env:TAWK_SECRET", "--operator", "7=anna")
    added = typed("source", "add", "shop", *chosen)
    assert added.returncode == 0, added.stderr
    address, _, title, *_ = added.stdout.splitlines()
    assert address == "https://leads.shop.ru/webhooks/tawk/shop"
    assert title.startswith("# ")
    resources.stores.sources.forget()  # what a process next door changed is known in two seconds
    assert (await deliver(client, a_chat())).status_code == 200
    assert (await deliver(client, b"{")).status_code == 200
    await all_read(resources)
    shown = typed("source", "show", "shop")
    assert "read 1  of no interest 0  waiting 0" in shown.stdout
    assert "operator 7: anna" in shown.stdout
    assert SECRET not in added.stdout + added.stderr + shown.stdout + shown.stderr
    replayed = typed("deliveries", "replay", "--source", "shop")
    assert replayed.stdout == "1 deliveries will be read again\n"
    clock.moment = await resources.stores.database.now()  # as the command has it
    await all_read(resources)
    assert len(await delivered(client, state="quarantined")) == 1
    assert typed("source", "remove", "shop").returncode == 0
    assert (await client.get("/v1/sources")).json() == {"sources": []}


async def test_every_mistake_is_named_and_no_secret_is_taken_from_the_command(
    resources: Resources, typed: Any
) -> None:
    wrong = typed("source", "add", "line", "--adapter", "mango", "--queue", "nowhere")
    assert wrong.returncode == 1
    named = [line for line in wrong.stderr.splitlines() if ": " in line]
    assert [line.removeprefix("nextlead: ").split(":")[0] for line in named] == [
        "secrets.vpbx_api_key",
        "secrets.salt",
        "queue",
    ]
    plain = typed("source", "add", "line", "--adapter", "mango", "--secret", f"salt={SECRET}")
    assert plain.returncode == 2
    assert SECRET not in plain.stderr


async def test_names_and_bounds_are_those_of_the_api(resources: Resources, typed: Any) -> None:
    chosen = (
        "--adapter",
        "tawk",
        "--secret",
        "secret=env:NOTHING",
        "--operator",
        f"{'7' * 201}=anna",
    )
    wrong = typed("source", "add", "Shop of Ours", *chosen, "--option", f"x={'y' * 2001}")
    assert wrong.returncode == 1
    named = [line.removeprefix("nextlead: ") for line in wrong.stderr.splitlines() if ": " in line]
    assert [line.split(":")[0] for line in named] == [
        *("source", "options.x", f"operators.{'7' * 200}", "secrets.secret", "options.x"),
    ]


async def test_a_key_to_seal_with_is_one_that_settings_take(typed: Any) -> None:
    made = typed("keys", "seal").stdout.strip()
    assert Settings(secret_keys=made).sealing_keys() == (made,)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nextlead keys seal"):
        Settings(secret_keys="too short")  # type: ignore[arg-type]
