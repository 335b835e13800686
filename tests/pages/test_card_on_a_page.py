"""What the card of a lead in hand says besides the lead, and what is learnt of its client."""

from decimal import Decimal
from typing import Any

import pytest
from lacking import needs
from pages_world import World
from sqlalchemy import text

from service.flows.customers.keep_apart import keep_apart
from service.flows.leads.update_customer import update_customer
from service.leads.card import CardChange
from service.leads.context import SelectedPart
from service.leads.customer import Customer
from service.leads.errors import LeadNotFound
from service.leads.lead import Channel, Lead, State
from service.leads.operator import Operator
from service.storage.operators.operators import put_operator

pytestmark = [needs("chromium"), pytest.mark.timeout(120)]

OFFICE = "office@firm.ru"
TELLS = """
INSERT INTO sources (name, adapter, queue, secrets, tokens, options, operators, time_zone, region,
    created_at, changed_at, own_answer_at)
VALUES ('desk', 'chatwoot', 'main', '{}', '{}', '{}', '{}', 'UTC', 'RU', :now, :now, :now)
"""


def take(page: Any) -> None:
    page.keyboard.press("KeyN")
    page.locator("#card-title").wait_for()


def two_of_an_office(world: World) -> tuple[Lead, Lead]:
    """Two leads that share an address, and differ in their numbers."""
    first = world.lead(
        text="Масло", customer=Customer(email=OFFICE, phone="+79001110001", name="Павел")
    )
    mail = Customer(email=OFFICE, phone="+79001110002", name="Пётр")
    return first, world.lead(channel=Channel.EMAIL, text="Счёт на масло", customer=mail)


def test_who_may_be_the_same_client_is_joined_or_kept_apart(world: World) -> None:
    first, second = two_of_an_office(world)
    page = world.desk(locale="ru-RU")
    take(page)
    page.locator(f"#same-{second.id} summary").click()
    assert "та же почта" in page.locator(f"#same-{second.id}").inner_text()
    assert OFFICE not in page.locator(f"#same-{second.id}").inner_text()
    page.get_by_role("button", name="Это разные люди").click()
    page.locator(f"#same-{second.id}").wait_for(state="detached")
    assert [world.now(lead).possibly_same for lead in (first, second)] == [(), ()]
    assert "client.kept_apart" in world.events(second)
    third = world.lead(customer=Customer(email=OFFICE, phone="+79001110003"), text="Ещё масло")
    page.locator(f"#same-{third.id} summary").click()
    page.get_by_role("button", name="Это один человек").click()
    page.locator(f"#same-{third.id}").wait_for(state="detached")
    joined = world.now(third)
    assert (joined.state, joined.joined_into) == (State.JOINED, first.id)
    assert world.now(second).state is State.WAITING


@pytest.mark.more
def test_only_leads_that_exist_are_kept_apart(world: World) -> None:
    first, second = two_of_an_office(world)
    gone = first.id.__class__(int=1)
    with pytest.raises(LeadNotFound):
        world.do(keep_apart(world.resources, first.id, gone, "anna"))
    assert [len(world.now(lead).possibly_same) for lead in (first, second)] == [1, 1]


def test_an_unanswered_chat_counts_down_and_hints_are_shown(world: World) -> None:
    async def tell() -> None:
        async with world.resources.stores.database.transaction() as connection:
            await connection.execute(text(TELLS), {"now": world.clock.now()})
            await connection.execute(text("UPDATE leads SET source = 'desk'"))

    world.lead(text="Масло", channel=Channel.SITE_CHAT)
    world.do(tell())
    page = world.desk(locale="ru-RU")
    take(page)
    card = page.locator("#p-card")
    assert "Клиент ждёт ответа до" in card.inner_text()
    assert card.locator("[data-left]").inner_text().count(":") == 1
    assert "Подсказка:" in card.inner_text()


def test_a_show_is_handed_over_with_what_its_team_needs(world: World) -> None:
    async def hire() -> None:
        async with world.resources.stores.database.transaction() as connection:
            vera = Operator("vera", ("main",), frozenset({"shows"}))
            await put_operator(connection, vera, world.clock.now())
        world.resources.stores.directory.forget()

    world.do(hire())
    lead = world.lead(text="Хотим салют на юбилей", customer=Customer(phone="+79001110001"))
    page = world.desk()
    take(page)
    page.keyboard.press("KeyT")
    form = page.locator("#act-transfer form")
    assert not form.locator("[name=show_place]").is_visible()
    form.locator("[name=to]").select_option("skill:shows")
    form.locator("[name=note]").fill("всё записано")
    form.locator("[name=show_guests]").fill("много")
    form.locator("button").click()
    page.locator("#mistakes").wait_for()
    assert form.locator("[name=show_guests]").input_value() == "много"
    known = {"date": "2026-12-20", "place": "парк", "guests": "120", "occasion": "юбилей"}
    for name, value in {**known, "budget": "150 000", "wishes": "тихий"}.items():
        form.locator(f"[name=show_{name}]").fill(value)
    form.locator("[name=to]").select_option("skill:shows")
    form.locator("button").click()
    page.locator("#empty").wait_for()
    show = world.now(lead).signal.show
    assert show is not None
    assert (show.guests, f"{show.budget}", show.place) == (120, "150000.00", "парк")


@pytest.mark.more
def test_parts_that_were_selected_before_are_seen(world: World) -> None:
    part = SelectedPart("W914/2", "Фильтр масляный", world.clock.now(), "boris", Decimal(640))
    context = {"selections": (part,), "cars": ("Kia Rio",)}
    world.do(update_customer(world.resources, "c-7", CardChange(context=context), "crm"))
    world.lead(text="Масло", customer=Customer(external_id="c-7"))
    page = world.desk()
    take(page)
    seen = page.locator("#p-side").inner_text()
    assert "W914/2 Фильтр масляный" in seen
    assert "boris" in seen
    assert "Kia Rio" in seen
