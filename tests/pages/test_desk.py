"""The desk in a real browser: keyboard first, and nothing that was typed is lost."""

from typing import Any

import pytest
from lacking import needs
from pages_world import World, flaws, overflows
from served_pages import served

from service.flows.claims.supervise import Instruction, take_away, withdraw_lead
from service.flows.claims.take_on_top import take_on_top
from service.flows.customers.erase_client import ErasureRequest, erase_client
from service.flows.customers.find_subject import NamedClient
from service.flows.upkeep.keep_in_step import end_overdue_leases
from service.leads.customer import Customer
from service.leads.lead import Channel, State
from service.leads.settlement import Outcome
from service.settings import Settings

pytestmark = [needs("chromium"), pytest.mark.timeout(120)]

IRINA = Customer(name="Ирина", phone="+79160000003")
TEXT = "Нужны тормозные колодки, машина на подъёмнике"


def more(*values: Any) -> Any:
    """A case that `make test-more` runs."""
    return pytest.param(*values, marks=pytest.mark.more)


def heading(page: Any) -> Any:
    return page.locator("#card-title")


def test_one_key_takes_and_one_settles(world: World) -> None:
    first = world.lead(channel=Channel.WALK_IN, live=True, customer=IRINA, text=TEXT)
    second = world.lead(channel=Channel.EMAIL, text="Счёт на масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).get_by_text("Ирина").wait_for()
    assert "колодки" in page.locator("mark").first.inner_text()
    assert page.evaluate("document.activeElement.id") == "card-title"
    page.keyboard.press("Digit1")
    page.keyboard.type("8 500")  # the field has the focus; no digit chooses another outcome
    page.keyboard.press("Control+Enter")
    page.locator(f"#card-{second.id}").wait_for()
    settled = world.now(first)
    assert (settled.state, settled.outcome, f"{settled.amount}") == (
        State.SETTLED,
        "won",
        "8500.00",
    )


def test_keys_are_places_and_do_nothing_while_typing(world: World) -> None:
    world.lead(text="Масло")
    second = world.lead(text="Свечи", channel=Channel.EMAIL)
    page = world.desk(locale="ru-RU")
    page.keyboard.press("Control+KeyN")
    assert page.locator("#empty").count() == 1
    page.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyN', key: 'т',"
        " bubbles: true, repeat: true}))"
    )
    assert page.locator("#empty").count() == 1
    # the Russian layout writes another letter; the place is the same
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyN', key: 'т',"
        " bubbles: true}))"
    )
    heading(page).wait_for()
    page.keyboard.press("Digit3")
    page.keyboard.press("KeyE")
    page.keyboard.type("тntd")
    assert page.locator("#f-note").input_value() == "тntd"
    assert world.now(second).state is State.WAITING


@pytest.mark.parametrize(
    ("digit", "fields", "outcome", "state"),
    [
        ("Digit2", {"#f-note": "после обеда"}, None, State.PARKED),
        more("Digit3", {"#f-note": "гудки"}, None, State.PARKED),
        more("Digit4", {"#f-amount": "1200,50", "#f-note": "счёт"}, None, State.PARKED),
        more("Digit5", {"#f-reason": "Too expensive", "#f-note": "дорого"}, "lost", State.SETTLED),
        more("Digit6", {"#f-reason": "передумал", "#f-note": "-"}, "cancelled", State.SETTLED),
        more("Digit7", {"#f-note": "в наличии"}, "answered", State.SETTLED),
    ],
)
def test_each_outcome_by_keys(
    world: World, digit: str, fields: dict[str, str], outcome: str | None, state: State
) -> None:
    lead = world.lead(text="Масло", customer=IRINA)
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press(digit)
    for field, value in fields.items():
        page.locator(field).fill(value)
    page.keyboard.press("Control+Enter")
    page.locator("#empty").wait_for()
    ended = world.now(lead)
    assert (ended.state, ended.outcome) == (state, outcome)


@pytest.mark.more
def test_wholesale_asks_for_buyer_and_selection(world: World) -> None:
    lead = world.lead(text="Масло бочками", customer=IRINA)
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit9")
    page.locator("#f-note").fill("опт")
    page.keyboard.press("Control+Enter")
    page.locator("#mistakes").wait_for()
    assert page.locator("#mistakes li").count() == 2
    page.locator("[name=buyer][value=reseller]").check()
    page.locator("[name=selection][value=by_shop]").check()
    page.keyboard.press("Control+Enter")
    page.locator("#empty").wait_for()
    assert world.now(lead).price_profile is not None


@pytest.mark.parametrize(
    "typed",
    ["", *(pytest.param(sum_, marks=pytest.mark.more) for sum_ in ("0", "-1", "восемь", "1.2.3"))],
)
def test_a_mistake_is_said_and_loses_nothing(world: World, typed: str) -> None:
    lead = world.lead(text="Масло", customer=IRINA)
    page = world.desk(locale="ru-RU")
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit1")
    page.locator("#f-note").fill("подобрали по VIN")
    page.locator("#f-amount").fill(typed)
    page.keyboard.press("Control+Enter")
    page.locator("#mistakes").wait_for()
    assert page.locator("#f-amount").get_attribute("aria-invalid") == "true"
    assert "Укажите сумму" in page.locator("#wrong-amount").inner_text()
    assert page.evaluate("document.activeElement.id") == "mistakes"
    assert page.locator("#f-note").input_value() == "подобрали по VIN"
    assert page.locator("#f-amount").input_value() == typed
    assert world.now(lead).state is State.CLAIMED


@pytest.mark.more
def test_other_ways_to_end_a_claim(world: World) -> None:
    world.at_work("boris")
    leads = [world.lead(text=f"Свеча {number}") for number in range(4)]
    page = world.desk()
    ways = (
        ("KeyT", {"[name=to]": "operator:boris", "[name=note]": "подберите"}, "transferred"),
        ("KeyP", {"[name=note]": "ждём каталог"}, "parked"),
        ("KeyR", {}, "released"),
        ("KeyD", {"[name=reason]": "не моё"}, "declined"),
    )
    names = {"KeyT": "transfer", "KeyP": "park", "KeyR": "release", "KeyD": "decline"}
    for key, fields, event in ways:
        page.keyboard.press("KeyN")
        heading(page).wait_for()
        page.keyboard.press(key)
        form = page.locator(f"#act-{names[key]} form")
        for field, value in fields.items():
            target = form.locator(field)
            target.select_option(value) if field == "[name=to]" else target.fill(value)
        form.locator("button").last.click()
        page.locator("#empty").wait_for()
        assert any(f"lead.{event}" in world.events(lead) for lead in leads), event


def test_a_live_client_breaks_in_and_disturbs_nothing(world: World) -> None:
    first = world.lead(text=TEXT, customer=IRINA)
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-note").fill("уже написано")
    call = world.lead(channel=Channel.PHONE, live=True, customer=Customer(phone="+79160000009"))
    page.locator(f"[data-live='{call.id}']").wait_for()
    assert page.evaluate("document.activeElement.id") == "f-note"
    assert page.locator("#f-note").input_value() == "уже написано"
    assert page.title().startswith("☎")
    assert "A client waits" in page.locator("#cry").inner_text()
    page.locator("#desk[data-rang]").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("KeyI")
    page.locator(f"#card-{call.id}").wait_for()
    assert "Only note what is needed" in page.locator("#h-ending").inner_text()
    page.keyboard.press("KeyE")
    page.keyboard.type("колодки, перезвонить")
    page.keyboard.press("Control+Enter")
    page.locator(f"#card-{first.id}").wait_for()
    assert page.locator("#f-note").input_value() == "уже написано"
    assert world.now(call).state is State.PARKED


@pytest.mark.more
def test_a_call_answered_elsewhere_is_gone_from_the_strip(world: World) -> None:
    world.lead(text=TEXT)
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    call = world.lead(channel=Channel.PHONE, live=True)
    page.locator("[data-live]").wait_for()
    world.at_work("boris")
    assert world.do(take_on_top(world.resources, "boris")).lead.id == call.id
    page.locator("#p-strip [data-live]").wait_for(state="detached")


def test_what_was_typed_outlives_a_lead_that_is_taken_away(world: World) -> None:
    lead = world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-note").fill("обещала узнать цену")
    world.do(take_away(world.resources, lead.id, Instruction("vera", "meeting")))
    page.locator("#lost").wait_for()
    told = page.locator("#lost").inner_text()
    assert "vera" in told
    assert "meeting" in told
    assert "обещала узнать цену" in told
    page.locator("#lost button:has-text('Take again')").click()
    page.locator(f"#card-{lead.id}").wait_for()
    assert page.locator("#f-note").input_value() == "обещала узнать цену"


@pytest.mark.more
def test_what_was_typed_outlives_a_lease(world: World) -> None:
    lead = world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-note").fill("звоню поставщику")
    page.route("**/work/parts*", lambda route: route.abort())
    world.clock.pass_by(minutes=5)
    world.do(end_overdue_leases(world.resources))
    assert world.now(lead).state is State.WAITING
    page.unroute("**/work/parts*")
    page.locator("#lost").wait_for(timeout=15_000)
    assert "звоню поставщику" in page.locator("#lost").inner_text()


def test_a_lost_network_is_shown_and_the_end_is_sent_once(world: World) -> None:
    lead = world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.context.set_offline(True)
    page.keyboard.press("Digit5")
    page.locator("#f-reason").fill("дорого")
    page.locator("#f-note").fill("купят сами")
    page.keyboard.press("Control+Enter")
    page.locator("#link-lost").wait_for()
    assert world.now(lead).state is State.CLAIMED
    page.context.set_offline(False)
    page.locator("#empty").wait_for(timeout=20_000)
    page.locator("#link-lost").wait_for(state="hidden")
    assert world.events(lead).count("lead.settled") == 1


@pytest.mark.more
def test_an_answer_that_was_lost_is_not_a_loss(world: World) -> None:
    lead = world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-reason").fill("дорого")
    page.locator("#f-note").fill("купят сами")

    def lose_the_answer(route: Any) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/settle", lose_the_answer, times=1)
    page.keyboard.press("Control+Enter")
    page.locator("#empty").wait_for(timeout=20_000)
    assert world.events(lead).count("lead.settled") == 1
    assert page.locator("#lost").count() == 0


def test_tabs_agree(world: World) -> None:
    lead = world.lead(text="Масло", customer=IRINA)
    page = world.desk()
    other = page.context.new_page()
    other.goto(f"{world.service.address}/work")
    other.locator("#desk[data-ready]").wait_for()
    page.bring_to_front()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    other.locator(f"#card-{lead.id}").wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-reason").fill("дорого")
    page.locator("#f-note").fill("-")
    page.keyboard.press("Control+Enter")
    other.locator("#empty").wait_for()


def test_a_draft_outlives_the_page_but_not_the_person(world: World) -> None:
    world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-note").fill("личное")
    page.reload()
    heading(page).wait_for()
    assert page.locator("#f-note").input_value() == "личное"
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("[data-signout] button").click()
    page.locator("#key").wait_for()
    assert page.evaluate("localStorage.length") == 0


def test_a_break_stops_leads_until_one_comes_back(world: World) -> None:
    world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyB")
    page.locator("#pause select").select_option("lunch")
    page.locator("#pause button").click()
    page.locator("button[value=online]").wait_for()
    assert "Lunch" in page.locator("#presence").inner_text()
    assert page.locator("#empty button").count() == 0
    page.keyboard.press("KeyB")
    page.locator("#empty button.main").wait_for()


@pytest.mark.more
def test_what_clients_write_is_only_text(world: World) -> None:
    nasty = '<script>window.bad=1</script>"><img src=x onerror=window.bad=1>\u202e колодки 🙂'
    world.lead(text=nasty + "я" * 3000, customer=Customer(name=nasty))
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    assert "<script>" in heading(page).inner_text()
    assert page.evaluate("window.bad") is None
    assert page.locator("#card-title img, .client-text img").count() == 0
    assert not overflows(page)


@pytest.mark.parametrize(
    ("colours", "width", "language"),
    [
        ("light", 1280, "ru-RU"),
        pytest.param("dark", 360, "en-GB", marks=pytest.mark.more),
        pytest.param("dark", 1280, "en-GB", marks=pytest.mark.more),
        pytest.param("light", 640, "ru-RU", marks=pytest.mark.more),
    ],
)
def test_axe_finds_nothing_at_the_desk(
    world: World, colours: str, width: int, language: str
) -> None:
    options = {
        "color_scheme": colours,
        "locale": language,
        "viewport": {"width": width, "height": 800},
    }
    page = world.desk(**options)
    assert flaws(page) == []
    world.lead(text=TEXT, customer=IRINA)
    second = world.lead(text="Свечи")
    page.locator(f"#line-{second.id} button").wait_for()
    assert flaws(page) == []
    assert not overflows(page)
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit2")
    world.lead(channel=Channel.PHONE, live=True)
    page.locator("[data-live]").wait_for()
    assert flaws(page) == []
    assert not overflows(page)
    page.keyboard.press("Digit1")
    page.keyboard.press("Control+Enter")
    page.locator("#mistakes").wait_for()
    for item in page.locator(".act summary").all():
        item.click()
    assert flaws(page) == []
    assert not overflows(page)


@pytest.mark.more
def test_the_page_is_small(world: World) -> None:
    for number in range(25):
        world.lead(text=f"{TEXT} {number}")
    page = world.desk()
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if answer.ok else None)
    page.reload()
    page.locator("#desk[data-ready]").wait_for()
    assert sum(sizes) < 100_000


def test_a_settlement_can_be_taken_back_for_a_moment(world: World) -> None:
    lead = world.lead(text="Масло", customer=IRINA)
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-reason").fill("дорого")
    page.locator("#f-note").fill("не тот клиент")
    page.keyboard.press("Control+Enter")
    page.locator("#undo").wait_for()
    page.keyboard.press("KeyU")
    page.locator(f"#card-{lead.id}").wait_for()
    assert world.now(lead).state is State.CLAIMED
    page.keyboard.press("Digit5")
    page.locator("#f-reason").fill("дорого")
    page.locator("#f-note").fill("тот")
    page.keyboard.press("Control+Enter")
    page.locator("#undo").wait_for()
    world.clock.pass_by(seconds=31)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.locator("#undo").wait_for(state="detached")


@pytest.mark.more
def test_text_of_a_lost_lead_becomes_a_note(world: World) -> None:
    lead = world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-note").fill("просил перезвонить после шести")
    world.do(take_away(world.resources, lead.id, Instruction("vera", "meeting")))
    page.locator("[data-note-lost] button").click()
    page.locator("#lost").wait_for(state="detached")
    assert world.now(lead).note == "просил перезвонить после шести"


@pytest.mark.more
def test_a_lead_that_a_supervisor_ends_leaves_the_desk_with_a_word(world: World) -> None:
    lead = world.lead(text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    word = Instruction("vera", "bought elsewhere")
    world.do(withdraw_lead(world.resources, lead.id, Outcome.LOST, word))
    page.locator("#lost").wait_for()
    assert "bought elsewhere" in page.locator("#lost").inner_text()


@pytest.mark.more
def test_what_was_typed_about_an_erased_client_is_forgotten(world: World) -> None:
    world.lead(text="Масло", customer=Customer(phone="+79161234567"))
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-note").fill("Ирина просила перезвонить")
    assert "Ирина" in str(page.evaluate("JSON.stringify(localStorage)"))
    named = NamedClient(phone="+79161234567")
    world.do(erase_client(world.resources, ErasureRequest(named, "law", "vera")))
    page.locator("#lost[data-erased]").wait_for()
    assert "Ирина" not in str(page.evaluate("JSON.stringify(localStorage)"))
    assert not page.locator("[data-note-lost]").is_visible()


def test_a_number_that_the_client_says_is_added_and_the_note_stays(world: World) -> None:
    lead = world.lead(channel=Channel.SITE_CHAT, text="Масло")
    page = world.desk()
    page.keyboard.press("KeyN")
    heading(page).wait_for()
    page.keyboard.press("Digit5")
    page.locator("#f-note").fill("обещал подумать")
    page.keyboard.press("Escape")
    page.keyboard.press("KeyA")
    page.keyboard.type("не номер")
    page.keyboard.press("Enter")
    page.locator("#mistakes").wait_for()
    page.locator("#f-number").fill("8 916 000-00-33")
    page.locator("#act-client [name=name]").fill("Павел")
    page.locator("#act-client button").click()
    heading(page).get_by_text("Павел").wait_for()
    assert page.locator("#f-note").input_value() == "обещал подумать"
    customer = world.now(lead).signal.customer
    assert customer is not None
    assert customer.phone == "+79160000033"


@pytest.mark.more
def test_a_restart_of_the_service_loses_nothing(world: World, settings: Settings) -> None:
    lead = world.lead(text="Масло", customer=IRINA)
    with served(settings, world.clock) as other:
        page = world.desk()
        page.goto(f"{other.address}/signin/link/{world.link('anna')}")
        page.locator("button.main").click()
        page.locator("#desk[data-ready]").wait_for()
        page.keyboard.press("KeyN")
        heading(page).wait_for()
        page.keyboard.press("Digit5")
        page.locator("#f-reason").fill("дорого")
        page.locator("#f-note").fill("написано до остановки")
        port = int(other.address.rpartition(":")[2])
    page.locator("#link-lost").wait_for(timeout=15_000)
    with served(settings, world.clock, port):
        page.locator("#link-lost").wait_for(state="hidden", timeout=30_000)
        assert page.locator("#f-note").input_value() == "написано до остановки"
        page.keyboard.press("Control+Enter")
        page.locator("#empty").wait_for()
        assert world.now(lead).note == "написано до остановки"
        page.goto("about:blank")
