"""Signing in, settings and first use, as a person does them in a browser."""

from typing import Any

import pytest
from lacking import needs
from pages_world import ALL, World, flaws, overflows

from service.storage.api_keys import put_key

pytestmark = [needs("chromium"), pytest.mark.timeout(120)]

KEY = "the key of a supervisor"


def opened(world: World, place: str = "/", **options: Any) -> Any:
    page = world.context(**options).new_page()
    world.watch(page)
    page.goto(f"{world.service.address}{place}")
    return page


def test_a_link_signs_in_once_by_keys_alone(world: World) -> None:
    place = f"/signin/link/{world.link('anna')}"
    page = opened(world, place, locale="ru-RU")
    assert flaws(page) == []
    page.locator("button.main").focus()
    page.keyboard.press("Enter")
    page.locator("#desk[data-ready]").wait_for()
    again = opened(world, place)
    assert "used" in again.locator("p[role=alert]").inner_text()
    page.locator("[data-signout] button").focus()
    page.keyboard.press("Enter")
    page.locator("#key").wait_for()


@pytest.mark.more
def test_a_key_signs_in_and_a_mistyped_one_does_not(world: World) -> None:
    async def put() -> None:
        async with world.resources.stores.database.transaction() as connection:
            await put_key(connection, "vera", KEY, ("supervise", "personal"), world.clock.now())
        world.resources.stores.directory.forget()

    world.do(put())
    page = opened(world, locale="ru-RU")
    page.locator("#key").fill("nl_nothing")
    page.locator("button.main").click()
    assert "не подходит" in page.locator("p[role=alert]").inner_text()
    assert page.title().startswith("Ошибка")
    assert flaws(page) == []
    page.locator("#key").fill(KEY)
    page.locator("button.main").click()
    page.locator("[data-board]").wait_for()


def test_settings_change_keys_colours_and_language(world: World) -> None:
    world.lead(text="Масло")
    page = world.sign_in("anna")
    page.goto(f"{world.service.address}/settings")
    page.locator("[name='key.next']").select_option("KeyI")
    page.locator("button.main").click()
    assert "One key for two" in page.locator("p[role=alert]").inner_text()
    page.locator("[name='key.next']").select_option("KeyZ")
    page.locator("[name=theme][value=dark]").check()
    page.locator("[name=language][value=ru]").check()
    page.locator("button.main").click()
    page.locator("html[data-theme=dark][lang=ru]").wait_for()
    assert flaws(page) == []
    world.at_work()
    page.goto(f"{world.service.address}/work")
    page.locator("#desk[data-ready]").wait_for()
    assert page.locator("#empty kbd").inner_text() == "Z я"
    page.keyboard.press("KeyN")
    page.keyboard.press("KeyZ")
    page.locator("#card-title").wait_for()


@pytest.mark.more
def test_keys_can_be_switched_off(world: World) -> None:
    world.lead(text="Масло")
    page = world.sign_in("anna")
    page.goto(f"{world.service.address}/settings")
    page.locator("[name=keys_off]").check()
    page.locator("button.main").click()
    world.at_work()
    page.goto(f"{world.service.address}/work")
    page.locator("#desk[data-ready]").wait_for()
    page.keyboard.press("KeyN")
    assert page.locator("#empty").count() == 1
    assert page.locator("kbd:visible").count() == 0


def test_first_use_makes_an_operator_a_source_and_a_link(world: World) -> None:
    page = world.sign_in("head", ALL, desk=False, locale="ru-RU")
    page.goto(f"{world.service.address}/start")
    assert flaws(page) == []
    page.locator("form[action='/start/operators'] [name=name]").fill("olga")
    page.locator("form[action='/start/operators'] button").click()
    page.locator("li:has-text('olga')").wait_for()
    page.locator("form[action^='/start/links'] [name=person]").fill("olga")
    page.locator("form[action^='/start/links'] button").click()
    link = page.locator("code.long").first.inner_text()
    other = world.context().new_page()
    other.goto(link)
    other.locator("button.main").click()
    other.locator("#desk[data-ready]").wait_for()
    assert "olga" in other.locator("#presence").inner_text()


@pytest.mark.more
@pytest.mark.parametrize("place", ["/", "/settings", "/start", "/board", "/policy", "/work"])
def test_nothing_is_lost_at_twice_the_size(world: World, place: str) -> None:
    """200 % of 1280 × 800 is a window of 640 × 400 points at two pixels each (WCAG 1.4.4)."""
    options: dict[str, Any] = {
        "viewport": {"width": 640, "height": 400},
        "device_scale_factor": 2,
        "locale": "ru-RU",
    }
    page = world.sign_in("anna", ALL, **options)
    page.goto(f"{world.service.address}{place}")
    assert not overflows(page)
    clipped = page.evaluate(
        "() => [...document.querySelectorAll('button, a, h1, h2, label, td, b')]"
        ".filter(item => item.scrollWidth > item.clientWidth + 2 && item.clientWidth"
        " && getComputedStyle(item).display !== 'inline' && !item.closest('.unseen, .skip'))"
        ".map(item => item.outerHTML.slice(0, 120))"
    )
    assert clipped == []


@pytest.mark.more
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_the_ways_in(world: World, colours: str, width: int) -> None:
    options: dict[str, Any] = {
        "color_scheme": colours,
        "viewport": {"width": width, "height": 800},
        "locale": "ru-RU",
    }
    world.lead(text="Масло")
    page = opened(world, "/", **options)
    assert flaws(page) == []
    assert not overflows(page)
    signed_in = world.sign_in("head", ALL, desk=False, **options)
    for place in ("/settings", "/start", "/desk"):
        signed_in.goto(f"{world.service.address}{place}")
        assert flaws(signed_in) == [], place
        assert not overflows(signed_in), place
