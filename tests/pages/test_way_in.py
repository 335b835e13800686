"""Signing in by key and by link, and what a page refuses."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import import_module

import httpx
import pytest
from driven_clock import DrivenClock
from fastapi import FastAPI

from service.flows.operators.sign_in import Person, invite_person
from service.flows.upkeep.rotate_key import rotate_key
from service.leads.binding import Binding
from service.pages.door import PAGES
from service.pages.guesses import GUESSES
from service.resources import Resources
from service.storage.api_keys import bind_key, put_key, revoke_key

OWN = {"Origin": "http://nextlead", "Accept-Language": "en"}
KEY = "the key of a supervisor"


@pytest.fixture
async def browser(app: FastAPI, resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody has signed in at."""
    GUESSES.was_right("127.0.0.1")
    async with resources.stores.database.transaction() as connection:
        now = resources.clock.now()
        await put_key(connection, "anna", KEY, ("operate", "supervise"), now)
        await put_key(connection, "crm", "a key of a program", ("intake", "read"), now)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://nextlead", headers=OWN
    ) as client:
        yield client


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


async def link_for(resources: Resources, name: str, *scopes: str) -> str:
    person = Person(name, name, frozenset(scopes))
    return f"/signin/link/{await invite_person(resources, person)}"


async def test_nobody_is_asked_to_sign_in(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    assert page.status_code == 200
    assert "unsafe" not in page.headers["content-security-policy"]
    assert 'type="password"' in page.text
    elsewhere = await browser.get("/settings")
    assert elsewhere.status_code == 200


async def test_a_key_signs_in(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/signin", data={"key": KEY})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    home = await browser.get("/")
    assert home.headers["location"] == "/work"


@pytest.mark.parametrize(
    ("key", "status"), [("no such key", 401), ("", 401), ("a key of a program", 403)]
)
async def test_other_keys_do_not(browser: httpx.AsyncClient, key: str, status: int) -> None:
    answer = await browser.post("/signin", data={"key": key})
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


async def test_a_revoked_key_ends_its_sessions(
    browser: httpx.AsyncClient, resources: Resources
) -> None:
    await browser.post("/signin", data={"key": KEY})
    assert (await browser.get("/")).status_code == 303
    async with resources.stores.database.transaction() as connection:
        await revoke_key(connection, "anna", resources.clock.now())
    assert (await browser.get("/")).status_code == 200


async def test_a_rotated_key_ends_its_sessions_with_the_overlap(
    browser: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    await browser.post("/signin", data={"key": KEY})
    rotated = await rotate_key(resources, "anna", timedelta(hours=2), by=None)
    assert (await browser.get("/")).status_code == 303
    await browser.post("/signin", data={"key": KEY})  # the old secret, which still opens
    clock.pass_by(minutes=119)
    assert (await browser.get("/")).status_code == 303
    clock.pass_by(minutes=1)
    assert (await browser.get("/")).status_code == 200
    await browser.post("/signin", data={"key": rotated.secret})
    assert (await browser.get("/")).status_code == 303


async def test_a_rotation_without_an_overlap_ends_sessions_at_once(
    browser: httpx.AsyncClient, resources: Resources
) -> None:
    await browser.post("/signin", data={"key": KEY})
    await rotate_key(resources, "anna", timedelta(0), by=None)
    assert (await browser.get("/")).status_code == 200


async def test_a_link_works_once(browser: httpx.AsyncClient, resources: Resources) -> None:
    link = await link_for(resources, "anna", "operate")
    for _ in range(2):  # programs that look at links in messages do not use them up
        assert (await browser.get(link)).status_code == 200
    assert (await browser.post(link)).status_code == 303
    assert (await browser.get("/")).headers["location"] == "/work"
    browser.cookies.clear()
    assert (await browser.post(link)).status_code == 410
    assert (await browser.get(link)).status_code == 410


async def test_a_link_grows_old(
    browser: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    link = await link_for(resources, "anna", "operate")
    clock.pass_by(hours=24)
    assert (await browser.post(link)).status_code == 410


async def test_the_board_is_for_who_may_see_clients(
    browser: httpx.AsyncClient, resources: Resources
) -> None:
    for scopes, status in ((("supervise",), 403), (("supervise", "personal"), 200)):
        await browser.post(await link_for(resources, "anna", *scopes))
        assert (await browser.get("/board")).status_code == status
        browser.cookies.clear()


async def test_a_session_ends_after_half_a_day_of_silence(
    browser: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    await browser.post("/signin", data={"key": KEY})
    for _ in range(3):
        clock.pass_by(hours=11)
        assert (await browser.get("/")).status_code == 303
    clock.pass_by(hours=12)
    assert (await browser.get("/")).status_code == 200


async def test_guesses_are_slowed(browser: httpx.AsyncClient) -> None:
    answers = [await browser.post("/signin", data={"key": f"guess {n}"}) for n in range(7)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    GUESSES.was_right("127.0.0.1")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_forms_of_other_sites_are_refused(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await browser.post("/signin", data={"key": KEY}, headers=headers)
    assert answer.status_code == 403


async def test_a_form_without_the_sessions_token_is_refused(browser: httpx.AsyncClient) -> None:
    await browser.post("/signin", data={"key": KEY})
    assert (await browser.post("/signout", data={})).status_code == 403
    page = (await browser.get("/settings")).text
    left = await browser.post("/signout", data={"csrf": csrf_of(page)})
    assert left.status_code == 303
    assert (await browser.get("/")).status_code == 200


async def test_behind_tls_the_cookie_is_for_tls_alone_also_when_it_ends(
    browser: httpx.AsyncClient,
) -> None:
    place, own = "https://nextlead", {"Origin": "https://nextlead"}
    come = await browser.post(f"{place}/signin", data={"key": KEY}, headers=own)
    csrf = csrf_of((await browser.get(f"{place}/settings")).text)
    gone = await browser.post(f"{place}/signout", data={"csrf": csrf}, headers=own)
    for cookie in (come.headers["set-cookie"], gone.headers["set-cookie"]):
        assert cookie.startswith("__Host-nl=")
        assert "; Secure" in cookie  # a browser ignores it otherwise


@pytest.mark.parametrize(
    "place", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x"]
)
async def test_after_signing_in_nobody_is_led_elsewhere(
    browser: httpx.AsyncClient, place: str
) -> None:
    answer = await browser.post("/signin", data={"key": KEY, "next": place})
    assert answer.headers["location"] == "/"


async def test_who_lacks_the_right_is_told_which(browser: httpx.AsyncClient) -> None:
    await browser.post("/signin", data={"key": KEY})
    page = await browser.get("/start")
    assert page.status_code == 403
    assert "admin" in page.text


async def test_the_language_is_the_browsers_and_can_be_changed(browser: httpx.AsyncClient) -> None:
    russian = await browser.get("/", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.8"})
    assert 'lang="ru"' in russian.text
    assert "Войти" in russian.text
    await browser.post("/settings", data={"language": "ru", "back": "/"})
    assert "Войти" in (await browser.get("/")).text


async def test_first_use_makes_operators_sources_and_links(
    browser: httpx.AsyncClient, resources: Resources
) -> None:
    async with resources.stores.database.transaction() as connection:
        now = resources.clock.now()
        await put_key(connection, "head", "the key of the head", ("admin", "supervise"), now)
    await browser.post("/signin", data={"key": "the key of the head"})
    csrf = csrf_of((await browser.get("/start")).text)
    wrong = await browser.post("/start/operators", data={"csrf": csrf, "name": "Вера"})
    assert wrong.status_code == 422
    made = await browser.post("/start/operators", data={"csrf": csrf, "name": "Vera"})
    assert made.status_code == 303
    source = {"csrf": csrf, "adapter": "tilda", "name": "site"}
    added = await browser.post("/start/sources", data=source)
    assert "/webhooks/tilda/site" in added.text
    link = await browser.post(
        "/start/links", data={"csrf": csrf, "person": "vera", "role": "operator"}
    )
    found = re.search(r"http://nextlead(/signin/link/[\w-]+)", link.text)
    assert found is not None
    browser.cookies.clear()
    await browser.post(found[1])
    assert (await browser.get("/")).headers["location"] == "/work"


def test_every_address_of_the_pages_names_what_answers() -> None:
    for _method, path, target, _scope in PAGES:
        module, _, name = target.partition(":")
        assert hasattr(import_module(f"service.pages.{module}"), name), path


async def test_who_signed_in_as_an_operator_sits_at_no_other_desk(
    browser: httpx.AsyncClient, resources: Resources
) -> None:
    link = await link_for(resources, "anna", "operate", "read", "personal")
    await browser.post(link)
    page = await browser.get("/desk")
    assert "boris" not in page.text
    sent = {"csrf": csrf_of(page.text), "operator": "boris"}
    assert (await browser.post("/desk", data=sent)).status_code == 403


async def test_a_bound_key_opens_its_operators_desk_until_it_ends(
    browser: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    until = clock.moment + timedelta(hours=1)
    async with resources.stores.database.transaction() as connection:
        await put_key(connection, "tablet", "the key of a tablet", ("operate",), clock.moment)
        await bind_key(connection, "tablet", Binding(operator="boris", expires_at=until))
        await put_key(connection, "spb", "the key of a queue", ("operate",), clock.moment)
        await bind_key(connection, "spb", Binding(queues=frozenset({"main"})))
    resources.stores.directory.forget()
    assert (await browser.post("/signin", data={"key": "the key of a queue"})).status_code == 403
    await browser.post("/signin", data={"key": "the key of a tablet"})
    page = await browser.get("/work")
    assert page.status_code == 200
    sent = {"csrf": csrf_of(page.text), "operator": "anna"}
    assert (await browser.post("/desk", data=sent)).status_code == 403
    clock.moment = until
    assert (await browser.get("/work")).status_code == 303
