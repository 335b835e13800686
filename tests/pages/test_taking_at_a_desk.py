"""What a desk does by itself, and what an operator puts off."""

from datetime import timedelta

import pytest
from lacking import needs
from pages_world import World

from service.flows.operators.reader_settings import change_settings
from service.leads.customer import Customer
from service.leads.lead import Channel, State

pytestmark = [needs("chromium"), pytest.mark.timeout(120)]


def test_a_call_that_is_put_off_disturbs_no_more(world: World) -> None:
    world.lead(text="Масло", customer=Customer(name="Ирина"))
    page = world.desk()
    assert page.title().startswith("(1) Desk")
    page.keyboard.press("KeyN")
    page.locator("#card-title").wait_for()
    assert page.title().startswith("Ирина · ")
    call = world.lead(channel=Channel.PHONE, live=True)
    strip = page.locator(f"[data-live='{call.id}']")
    strip.wait_for()
    page.locator("[data-not-now]").click()
    strip.wait_for(state="hidden")
    assert page.title().startswith("Ирина · ")
    assert page.evaluate("document.activeElement.id") == "card-title"
    second = world.lead(channel=Channel.PHONE, live=True)
    page.locator(f"#line-{second.id}").wait_for()
    assert not strip.is_visible()
    assert world.now(call).state is State.WAITING


@pytest.mark.more
def test_who_wishes_so_gets_the_next_lead_by_itself(world: World) -> None:
    world.do(change_settings(world.resources, "anna", {"take_at_once": True}))
    page = world.desk()
    lead = world.lead(text="Масло")
    page.locator("#at-once").wait_for()
    page.keyboard.press("Escape")
    page.locator("#at-once").wait_for(state="hidden")
    page.reload()
    page.locator(f"#card-{lead.id}").wait_for()
    assert world.now(lead).state is State.CLAIMED


@pytest.mark.more
def test_a_lead_that_is_taken_back_is_whole(world: World) -> None:
    lead = world.lead(channel=Channel.WALK_IN, live=True, text="Масло")
    world.lead(text="Свечи")
    page = world.desk()
    page.keyboard.press("KeyN")
    page.locator(f"#card-{lead.id}").wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-reason").fill("дорого")
    page.keyboard.press("Control+Enter")
    page.locator("#undo").wait_for()
    world.clock.pass_by(seconds=1)
    page.keyboard.press("KeyU")
    page.locator(f"#card-{lead.id}").wait_for()
    assert page.locator("#h-ending").inner_text() == "How did it end"
    world.lead(channel=Channel.PHONE, live=True)
    page.locator("[data-live]").wait_for()
    assert "first" in page.locator("[data-live]").inner_text()
    assert page.locator("[data-live] form").count() == 0


@pytest.mark.more
def test_who_will_think_is_asked_in_two_days(world: World) -> None:
    lead = world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    page.locator("#card-title").wait_for()
    page.keyboard.press("Digit8")
    page.locator("#f-note").fill("подумает")
    page.keyboard.press("Control+Enter")
    page.locator("#empty").wait_for()
    until = world.now(lead).parked_until
    assert until is not None
    assert until - world.clock.now() == timedelta(days=2)


@pytest.mark.more
def test_a_lost_network_is_said_in_the_title(world: World) -> None:
    page = world.desk()
    page.context.set_offline(True)
    page.locator("#link-lost").wait_for()
    assert page.title().startswith("✖")
    page.context.set_offline(False)
    page.locator("#link-lost").wait_for(state="hidden")
    assert not page.title().startswith("✖")
