"""Pages hear at once that something changed: by one stream for a browser, else by long polls."""

from typing import Any

import httpx
import pytest
from lacking import needs
from pages_world import ALL, DESK, World

from service.flows.operators.sign_in import sign_in_by_link, sign_out
from service.leads.customer import Customer
from service.leads.lead import Channel

pytestmark = [needs("chromium"), pytest.mark.timeout(120)]

CALLER = Customer(name="Олег", phone="+79160000007")
SOON = 10_000  # before a stream in which nothing happens says so


def a_call(world: World) -> Any:
    return world.lead(channel=Channel.PHONE, live=True, customer=CALLER)


def tab(page: Any, address: str) -> Any:
    made = page.context.new_page()
    made.goto(address)
    made.locator("[data-ready]").wait_for()
    return made


def secret_of(world: World, name: str = "anna", scopes: frozenset[str] = DESK) -> str:
    link = world.link(name, scopes, desk=scopes is DESK)
    found: str = world.do(sign_in_by_link(world.resources, link)).secret
    return found


def test_tabs_share_a_stream_and_one_follows_the_other(world: World) -> None:
    world.lead(text="Масло")
    first = world.desk()
    first.keyboard.press("KeyN")
    first.locator("#card-title").wait_for()
    others = [tab(first, f"{world.service.address}/work") for _ in range(3)]
    caller = a_call(world)
    for page in (first, *others):
        page.locator(f"[data-live='{caller.id}']").wait_for(timeout=SOON)
    assert len(world.resources.listeners) == 1
    first.close()
    others[0].locator("[data-code=KeyI]").click()
    others[1].locator("nav.tabs a").nth(1).wait_for(timeout=SOON)
    second = world.lead(channel=Channel.WALK_IN, live=True, text="У стойки")
    others[2].locator(f"#line-{second.id}").wait_for(timeout=SOON)
    assert len(world.resources.listeners) == 1


def test_a_desk_opened_while_a_call_waits_rings(world: World) -> None:
    world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    page.locator("#card-title").wait_for()
    a_call(world)
    page.goto(f"{world.service.address}/work")
    page.locator("[data-live]").wait_for()
    page.locator("#desk[data-rang]").wait_for()


@pytest.mark.more
def test_a_refused_stream_is_made_up_for_by_polls(world: World) -> None:
    page = world.sign_in("anna")
    world.at_work()
    page.route("**/work/stream", lambda route: route.abort())
    with page.expect_request(lambda sent: "/work/changes?wait=20" in sent.url):
        page.goto(f"{world.service.address}/work")
    lead = world.lead(text="Масло")
    page.locator(f"#line-{lead.id}").wait_for(timeout=SOON)


@pytest.mark.more
def test_boards_share_a_stream_of_all_queues(world: World) -> None:
    page = world.sign_in("vera", ALL, desk=False)
    pages = [tab(page, f"{world.service.address}/board{rest}") for rest in ("", "/wall")]
    world.lead(text="Масло")
    world.clock.pass_by(seconds=2)
    for made in pages:
        made.locator("#figures b:text-is('1')").first.wait_for(timeout=SOON)
    assert len(world.resources.listeners) == 1


def test_a_stream_says_that_something_changed_and_not_what(world: World) -> None:
    told = ""
    cookies = {"nl": secret_of(world)}
    with (
        httpx.Client(base_url=world.service.address, cookies=cookies, timeout=20) as browser,
        browser.stream("GET", "/work/stream") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            told += f"{line}\n"
            if told.count("event: changed") == 1 and "Масло" not in told:
                a_call(world)
            if told.count("event: changed") == 2:
                break
    assert "Олег" not in told
    assert "lead" not in told


@pytest.mark.parametrize(
    ("path", "scopes"), [("/work/changes", DESK), ("/board/changes", ALL)], ids=["desk", "board"]
)
def test_a_poll_hears_of_what_was_between_two(
    world: World, path: str, scopes: frozenset[str]
) -> None:
    cookies = {"nl": secret_of(world, scopes=scopes)}
    with httpx.Client(base_url=world.service.address, cookies=cookies, timeout=15) as browser:
        before = browser.get(path, params={"wait": "0"}).text
        a_call(world)
        missed = browser.get(path, params={"wait": "25", "after": before}).text
        assert missed != before
        assert browser.get(path, params={"wait": "0", "after": missed}).status_code == 200
        assert browser.get(path, params={"wait": "0", "after": "no position"}).status_code == 200


def test_who_is_signed_out_hears_nothing(world: World) -> None:
    secret = secret_of(world)
    with httpx.Client(base_url=world.service.address, cookies={"nl": secret}) as browser:
        world.do(sign_out(world.resources, secret))
        asked = browser.get("/work/changes", headers={"X-Fragment": "1"})
        assert (asked.status_code, asked.text) == (401, "")
        assert browser.get("/work/stream").status_code == 303
