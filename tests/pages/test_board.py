"""The board in a real browser: each figure leads to its leads, and decisions carry a reason."""

import re
from typing import Any

import pytest
from lacking import needs
from pages_world import ALL, World, flaws, overflows

from service.flows.claims.claim_next import claim_next
from service.flows.claims.supervise import Instruction, pin_lead
from service.flows.operators.change_presence import change_presence
from service.leads.customer import Customer
from service.leads.lead import Channel, State
from service.leads.operator import Presence

pytestmark = [needs("chromium"), pytest.mark.timeout(120)]


def board(world: World, **options: Any) -> Any:
    page = world.sign_in("vera", ALL, desk=False, **options)
    page.goto(f"{world.service.address}/board")
    page.locator("[data-board][data-ready]").wait_for()
    return page


def a_morning(world: World) -> None:
    """Leads of several kinds, one of them live and one late, in two people's hands."""
    world.at_work("anna")
    world.lead(channel=Channel.PHONE, live=True, customer=Customer(phone="+79160000009"))
    for number in range(3):
        world.lead(text=f"Свеча {number}")
    world.lead(channel=Channel.EMAIL, text="Счёт")
    world.clock.pass_by(minutes=2)


def test_each_figure_equals_its_list(world: World) -> None:
    a_morning(world)
    page = board(world)
    figures = page.locator("a.figure[href*='/board/leads']").all()
    checked = 0
    for number in range(len(figures)):
        figure = page.locator("a.figure[href*='/board/leads']").nth(number)
        value = figure.locator("b").inner_text()
        if not value.isdecimal():
            continue
        figure.click()
        page.locator("h1").wait_for()
        assert f"({value})" in page.locator("h1").inner_text()
        page.go_back()
        page.locator("[data-board]").wait_for()
        checked += 1
    assert checked == 3
    for link in page.locator("#p-kinds td:nth-child(2) a").all():
        count, place = link.inner_text(), link.get_attribute("href")
        other = page.context.new_page()
        other.goto(f"{world.service.address}{place}")
        assert f"({count})" in other.locator("h1").inner_text()
        other.close()


def test_figures_stand_beside_their_targets_and_today_beside_yesterday(world: World) -> None:
    a_morning(world)
    world.clock.pass_by(hours=1)
    page = board(world)
    figures = page.locator("#figures").inner_text()
    assert "⚠ target missed: ≤\xa015\xa0s" in figures  # an hour on the line
    assert "✓ target met: ≤\xa015" in figures  # five wait
    assert page.locator(".figure.bad .judged.bad").count() == page.locator(".figure.bad").count()
    longest = page.locator("a.figure[href*='oldest']")
    assert "target" not in longest.inner_text()  # none is written down
    today = page.locator("section[aria-labelledby=h-today]").inner_text()
    assert "Today until 13:00" in today
    assert "Came in\t5" in today


def test_the_board_lives(world: World) -> None:
    page = board(world)
    waiting = page.locator("#figures a[href^='/board/leads?queue'] b").first
    assert waiting.inner_text() == "0"
    world.lead(text="Масло")
    world.clock.pass_by(seconds=2)
    page.locator("#figures b:text-is('1')").first.wait_for(timeout=15_000)


def test_decisions_in_bulk_say_what_was_refused(world: World) -> None:
    leads = [world.lead(text=f"Свеча {number}") for number in range(3)]
    page = world.sign_in("vera", ALL, desk=False)
    page.goto(f"{world.service.address}/board/leads")
    page.locator("#choose-all input").check()
    world.at_work("anna")
    taken = world.do(claim_next(world.resources, "anna")).lead
    page.locator("[value=assign]").click()
    assert "say why" in page.locator("#notice").inner_text()
    page.locator("#choose-all input").check()
    world.do(claim_next(world.resources, "anna"))
    page.goto(f"{world.service.address}/board/leads?state=claimed")
    page.locator("#choose-all input").check()
    page.locator("[name=reason]").fill("обед")
    page.locator("[name=operator]").select_option("boris")
    page.locator("[value=assign]").click()
    assert "1 was refused" in page.locator("#notice").inner_text()
    page.locator("#choose-all input").check()
    page.locator("[name=reason]").fill("совещание")
    page.locator("[value=take_away]").click()
    assert "Done with 1 lead" in page.locator("#notice").inner_text()
    assert world.now(taken).state is State.WAITING
    assert "lead.taken_away" in world.events(taken)
    assert len(leads) == 3


def test_a_story_tells_who_was_passed_over(world: World) -> None:
    first = world.lead(text="Счёт", channel=Channel.EMAIL, customer=Customer(name="Павел"))
    world.lead(channel=Channel.PHONE, live=True)
    world.at_work("anna")
    world.do(claim_next(world.resources, "anna"))
    page = world.sign_in("vera", ALL, desk=False, locale="ru-RU")
    page.goto(f"{world.service.address}/board/leads/{first.id}")
    story = page.locator(".story").first.inner_text()
    assert "Раньше взято другое: anna" in story
    assert re.search(r"ступени \d+", story)
    page.locator("[name=reason]").fill("постоянный клиент")
    page.locator("[value=pin]").click()
    page.locator(".story:has-text('постоянный клиент')").wait_for()
    assert world.now(first).ranking.stage == 900
    assert flaws(page) == []


@pytest.mark.parametrize(
    "words",
    [
        "+7 916 000-00-09",
        *(pytest.param(w, marks=pytest.mark.more) for w in ("89160000009", "подвеск", "c-77")),
    ],
)
def test_search_finds_by_number_words_and_client(world: World, words: str) -> None:
    client = Customer(external_id="c-77", name="Павел", phone="+79160000009")
    world.lead(text="Подвеска на Форд", customer=client)
    world.lead(text="Масло")
    page = board(world)
    page.keyboard.press("Slash")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.locator("h1:has-text('Found for')").wait_for()
    assert page.locator("tbody tr").count() == 1


@pytest.mark.more
def test_a_list_as_a_table_has_no_personal_data(world: World) -> None:
    world.lead(text="=1+1", customer=Customer(name="=cmd", phone="+79160000009"))
    page = world.sign_in("vera", ALL, desk=False)
    answer = page.request.get(f"{world.service.address}/board/leads?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "cmd" not in answer.text()
    assert len(answer.text().splitlines()) == 2


@pytest.mark.more
def test_an_operator_sees_no_board(world: World) -> None:
    page = world.desk()
    answer = page.goto(f"{world.service.address}/board")
    assert answer.status == 403
    assert flaws(page) == []


@pytest.mark.parametrize(
    ("colours", "width", "language"),
    [
        ("light", 1280, "en-GB"),
        pytest.param("dark", 1280, "ru-RU", marks=pytest.mark.more),
        pytest.param("dark", 360, "ru-RU", marks=pytest.mark.more),
    ],
)
def test_axe_finds_nothing_on_the_board(
    world: World, colours: str, width: int, language: str
) -> None:
    a_morning(world)
    options = {
        "color_scheme": colours,
        "locale": language,
        "viewport": {"width": width, "height": 800},
    }
    page = board(world, **options)
    places = ("/board", "/board/leads", "/board/leads?late=1", "/board/quality", "/board/wall",
              "/board/decisions", "/board/operators/anna")  # fmt: skip
    for place in places:
        page.goto(f"{world.service.address}{place}")
        assert flaws(page) == [], place
        assert not overflows(page), place


def test_an_operators_day_and_what_people_did_are_shown(world: World) -> None:
    world.at_work("anna")
    world.clock.pass_by(hours=2)
    world.do(change_presence(world.resources, "anna", Presence.BREAK, "lunch"))
    world.clock.pass_by(minutes=30)
    lead = world.lead(text="Масло")
    world.do(pin_lead(world.resources, lead.id, Instruction("vera", "давний клиент")))
    page = board(world, locale="ru-RU")
    assert "потеряем около" in page.locator("#p-figures").inner_text()
    page.locator("#operators a:text-is('anna')").click()
    shown = page.locator("table").inner_text()
    assert "обед" in shown
    assert "30\xa0мин" in shown
    assert "2\xa0ч" in shown
    page.goto(f"{world.service.address}/board/decisions")
    row = page.locator("tr:has-text('давний клиент')")
    assert "vera" in row.inner_text()
    row.locator("a").click()
    page.locator(".story").first.wait_for()


@pytest.mark.more
def test_the_wall_has_no_controls(world: World) -> None:
    a_morning(world)
    page = board(world)
    page.goto(f"{world.service.address}/board/wall")
    assert page.locator("button, a:not(.skip), input").count() == 0
