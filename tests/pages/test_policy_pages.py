"""The policy in a real browser: numbers, words, text, preview, versions."""

from typing import Any

import pytest
from lacking import needs
from pages_world import ALL, World, flaws, overflows

from service.flows.policies.change_policy import Revision, change_policy
from service.flows.policies.view_policy import view_policy
from service.leads.lead import Channel

pytestmark = [needs("chromium"), pytest.mark.timeout(120)]


def head(world: World, place: str = "/policy", **options: Any) -> Any:
    page = world.sign_in("vera", ALL, desk=False, **options)
    page.goto(f"{world.service.address}{place}")
    return page


def put(page: Any, text: str) -> None:
    """A whole policy into the text area: typing it would take minutes."""
    page.evaluate(
        "value => {const t = document.getElementById('text'); t.value = value;"
        " t.dispatchEvent(new Event('input'))}",
        text,
    )


def in_force(world: World) -> Any:
    return world.do(view_policy(world.resources, "main"))


def test_a_number_is_previewed_put_in_force_and_rolled_back(world: World) -> None:
    world.lead(text="Чем мыть стёкла?")
    world.lead(channel=Channel.SITE_ORDER, text="Заказ")
    page = head(world)
    before = in_force(world)
    page.locator("[name='n.kinds.self_order.stage']").fill("710")
    page.get_by_role("button", name="Save as a draft").click()
    assert "not in force" in page.locator("main").inner_text()
    assert in_force(world).version == before.version
    page.get_by_role("link", name="Preview").first.click()
    assert "2 of 2 would move" in page.locator("h2").first.inner_text()
    page.locator("[name=note]").fill("orders first")
    page.get_by_role("button", name="Put in force").click()
    page.locator("td:has-text('orders first')").wait_for()
    after = in_force(world)
    assert (after.version, after.author, after.note) == (before.version + 1, "vera", "orders first")
    changed = [
        (old, new)
        for old, new in zip(before.text.splitlines(), after.text.splitlines(), strict=True)
        if old != new
    ]
    assert len(changed) == 1  # comments and notation stay
    page.get_by_role("link", name=f"Compare {before.version}").click()
    assert page.locator(".diff .in").count() == 1
    page.get_by_role("button", name=f"Roll back to this {before.version}").click()
    assert in_force(world).text == before.text


@pytest.mark.more
def test_what_is_no_number_is_said_and_kept(world: World) -> None:
    page = head(world)
    page.locator("[name='n.kinds.chat.chance']").fill("много")
    page.get_by_role("button", name="Save as a draft").click()
    field = page.locator("[name='n.kinds.chat.chance']")
    assert field.input_value() == "много"
    assert field.get_attribute("aria-invalid") == "true"


def test_mistakes_lead_to_their_lines(world: World) -> None:
    page = head(world, "/policy/text")
    text = page.locator("#text").input_value()
    wrong = text.replace("stage: 800", "stage: 8000").replace(
        "lease_seconds: 120", "lease_seconds: x"
    )
    put(page, wrong)
    page.get_by_role("button", name="Save as a draft").click()
    page.locator("#text[data-ready]").wait_for()
    links = page.locator("#mistakes [data-line]")
    assert links.count() >= 2
    line = int(links.first.get_attribute("data-line"))
    links.first.click()
    chosen = page.evaluate(
        "() => {const t = document.getElementById('text');"
        " return t.value.slice(t.selectionStart, t.selectionEnd)}"
    )
    assert chosen == wrong.splitlines()[line - 1]
    page.goto(f"{world.service.address}/policy/preview")
    assert page.get_by_role("button", name="Put in force").count() == 0
    page.locator("#text, #mistakes").first.wait_for()
    page.get_by_role("button", name="Drop the draft").click()
    assert "Draft" not in page.locator("main").inner_text()


@pytest.mark.more
def test_text_that_is_no_yaml_shows_its_line(world: World) -> None:
    page = head(world, "/policy/text")
    put(page, "kinds: {chat: [\nx")
    page.get_by_role("button", name="Save as a draft").click()
    page.locator("#mistakes").wait_for()
    for place in ("/policy", "/policy/words", "/policy/preview", "/policy/text"):
        answer = page.goto(f"{world.service.address}{place}")
        assert answer.status == 200, place
        assert page.locator("#mistakes").count() == 1, place


def test_a_word_is_added_and_read(world: World) -> None:
    page = head(world, "/policy/words")
    page.locator("[name=signal]").fill("gravel_pump")
    page.locator("[name=phrases]").first.fill("щебнемёт, щебнемёта")
    page.locator("[name=bill]").first.fill("9900")
    page.get_by_role("button", name="Add").click()
    page.goto(f"{world.service.address}/policy/preview")
    page.get_by_role("button", name="Put in force").click()
    page.locator("h2:has-text('Versions')").wait_for()
    lead = world.lead(text="Нужен щебнемёт")
    text: Any = lead.ranking.explanation["text"]
    assert [item["signal"] for item in text["signals"]] == ["gravel_pump"]


@pytest.mark.more
def test_somebody_else_was_faster(world: World) -> None:
    page = head(world)
    page.locator("[name='n.kinds.chat.stage']").fill("610")
    page.get_by_role("button", name="Save as a draft").click()
    existing = in_force(world)
    other = existing.text.replace("stage: 800", "stage: 790")
    world.do(change_policy(world.resources, Revision("main", "oleg", existing.version), other))
    page.goto(f"{world.service.address}/policy/preview")
    page.get_by_role("button", name="Put in force").click()
    assert "another version" in page.locator("#notice").inner_text()
    assert in_force(world).author == "oleg"


@pytest.mark.parametrize(
    ("width", "colours"), [(1280, "light"), pytest.param(360, "dark", marks=pytest.mark.more)]
)
def test_axe_finds_nothing_on_the_policy(world: World, width: int, colours: str) -> None:
    world.lead(text="Масло")
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": colours}
    page = head(world, locale="ru-RU", **options)
    page.locator("[name='n.kinds.chat.stage']").fill("610")
    page.get_by_role("button", name="Сохранить черновик").click()
    places = ("", "/words", "/text", "/preview", "/versions", "/versions?left=1&right=draft")
    for place in places:
        answer = page.goto(f"{world.service.address}/policy{place}")
        assert answer.status == 200
        assert flaws(page) == [], place
        assert not overflows(page), place
