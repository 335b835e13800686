"""Whoever types what the pages of `connecting/` say has a source that takes his sender's posts."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from fastapi import FastAPI
from running import nextlead
from webhook_stories import all_read
from webhooks.deliveries import PAYLOADS
from webhooks.forging import public_key_of
from webhooks.signing import SECRET as WHSEC
from webhooks.signing import signed

import service.adapters
from service.embedded.servers import Addresses
from service.resources import Resources
from service.settings import Settings

Typed = Callable[[str], "subprocess.CompletedProcess[str]"]

CONNECTING = Path(service.adapters.__file__).parent / "connecting"
PAGES = sorted(item.stem for item in CONNECTING.iterdir())
OFTEN = ("standard", "asterisk", "mango", "telegram", "tilda")  # the others in `make test-more`
HOST = "https://leads.shop.ru"
# What is to be put in, as whoever reads the page would.
PUT_IN = {
    "<agent's id in Jivo>": "29",
    "<its name in Tilda>": "x-api-key",
    "<your site>": "shop.example",
    "<string>": "c0ffee",
    "<id>": "7",
    "https://…": "https://shop.example/voice",
    "=…": "=3600",
}
SAMPLES = {
    "amocrm": "mapping_amocrm/deal_added.form",
    "insales": "mapping_insales/order_created.json",
    "wazzup24": "mapping_wazzup24/messages.json",
}
# Secrets that are more than a word.
SECRETS = {
    ("asterisk", "secret"): WHSEC,
    ("standard", "secret"): WHSEC,
    ("bitrix24", "rest_url"): "https://shop.bitrix24.ru/rest/1/abc123/",
    ("postmark", "password"): "shop:as-quiet-as-a-mouse",
    ("sendgrid", "public_key"): public_key_of(derive_private_key(7, SECP256R1())),
    ("1c", "secret"): "user:password",
}


def page_of(name: str) -> str:
    return (CONNECTING / f"{name}.md").read_text("utf-8")


def spans(name: str, beginning: str) -> Iterator[str]:
    """What stands between single backticks, in the order of the page."""
    for sent in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", page_of(name)):
        if sent.startswith(beginning):
            yield sent


@pytest.fixture
def typed(servers: Addresses, settings: Settings, tmp_path: Path) -> Callable[[str], Typed]:
    """Types a line of a page as it stands there; secrets come from where they may be."""
    (key,) = settings.sealing_keys()
    environment = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
        "NEXTLEAD_SECRET_KEYS": key,
        "NEXTLEAD_PUBLIC_URL": HOST,
    }
    (own,) = re.findall(r"```yaml\n(.*?)```", page_of("mapping"), re.DOTALL)
    (tmp_path / "shop.yaml").write_text(own)
    (tmp_path / "sample.json").write_text('{"type": "ask", "requests": []}')

    def of_page(page: str) -> Typed:
        def typed(line: str) -> "subprocess.CompletedProcess[str]":
            for sent, meant in PUT_IN.items():
                line = line.replace(sent, meant)
            given: dict[str, str] = {}
            words = [_word(item, page, tmp_path) for item in shlex.split(line)]
            for place, word in enumerate(words[1:], start=1):
                if words[place - 1] == "--secret":
                    words[place] = f"{word}=env:{word.upper()}"
                    given[word.upper()] = SECRETS.get((page, word), "as-quiet-as-a-mouse")
            assert words[0] == "nextlead"
            done = nextlead(*words[1:], **environment, **given)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            return done

        return typed

    return of_page


def _word(word: str, page: str, folder: Path) -> str:
    if word == "SAMPLE":
        return str(PAYLOADS / SAMPLES[page])
    if word in ("shop.yaml", "sample.json"):
        return str(folder / word)
    return page if word == "NAME" else word


def added(page: str) -> str:
    """The line that makes the source."""
    return next(spans(page, "nextlead source add "))


@pytest.mark.parametrize(
    "page",
    [page if page in OFTEN else pytest.param(page, marks=pytest.mark.more) for page in PAGES],
)
async def test_every_command_of_a_page_works_and_prints_the_address_that_it_names(
    resources: Resources, typed: Callable[[str], Typed], page: str
) -> None:
    printed = ""
    for line in spans(page, "nextlead "):
        done = typed(page)(line)
        if line == added(page):
            printed = done.stdout.splitlines()[0].removeprefix(HOST)
    for named in re.findall(r'[>"](/webhooks/[\w/.-]+)', page_of(page)):
        assert printed.startswith(named.rstrip("/").replace("NAME", page)), named
    for line in spans(page, "curl "):
        for item in shlex.split(line):
            assert not item.startswith("{") or json.loads(item)


@pytest.mark.parametrize("page", PAGES)
async def test_every_option_that_a_page_names_can_be_added(
    resources: Resources, typed: Callable[[str], Typed], page: str
) -> None:
    for option in spans(page, "--"):
        if " " in option and "shipped=" not in option:
            typed(page)(f"{added(page)} {option}")


@pytest.mark.parametrize("page", PAGES)
async def test_every_call_and_field_of_the_api_that_a_page_names_is_there(
    client: httpx.AsyncClient, app: FastAPI, typed: Callable[[str], Typed], page: str
) -> None:
    paths = [re.sub(r"\{\w+\}", "[^/]+", item) for item in app.openapi()["paths"]]
    for call in spans(page, ""):
        if re.match("(GET|PUT|POST|PATCH|DELETE) /v1/", call):
            assert any(re.fullmatch(path, call.split()[1]) for path in paths), call
    for line in page_of(page).splitlines():
        for field in re.findall(r'`("\w+": [^`]+)`', line if "PUT /v1/sources/" in line else ""):
            typed(page)(added(page))
            (existing,) = (await client.get("/v1/sources")).json()["sources"]
            sent = {name: existing[name] for name in ("adapter", "options", "operators")}
            to = f"/v1/sources/{existing['name']}"
            answer = await client.put(to, json={**sent, **json.loads(f"{{{field}}}")})
            assert answer.status_code == 200, answer.text


async def test_what_the_page_of_our_own_format_says_is_taken_and_shown(
    client: httpx.AsyncClient, resources: Resources, typed: Callable[[str], Typed]
) -> None:
    typed("standard")(added("standard"))
    resources.stores.sources.forget()  # what a process next door changed is known in two seconds
    event: dict[str, Any] = orjson.loads(next(spans("standard", '{"type"')))
    for number, data in enumerate((event["data"], {"unheard": "of"})):
        delivery = signed(orjson.dumps({**event, "data": data}), message_id=f"msg_{number}")
        answer = await client.post(
            "/webhooks/standard/standard", content=delivery.body, headers=dict(delivery.headers)
        )
        assert answer.status_code == 200
    await all_read(resources)
    (step,) = re.findall(r"^5\. .*", page_of("standard"), re.MULTILINE)
    show, listed = re.findall("`(nextlead [^`]*)`", step)
    assert "read 1  " in typed("standard")(show).stdout
    assert "unheard" in typed("standard")(listed).stdout
