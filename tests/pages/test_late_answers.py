"""The stream may show a new lead before the answer to its own taking: what was begun stays."""

from typing import Any

import pytest
from lacking import needs
from pages_world import World

# Marks the page once it has shown the answer of a taking.
MARK = """() => {
  const text = Response.prototype.text;
  Response.prototype.text = async function () {
    const got = await text.call(this);
    if (got.includes("data-part") && this.headers.get("x-of") === "taking")
      setTimeout(() => (document.body.dataset.shown = "yes"));
    return got;
  };
}"""

pytestmark = [needs("chromium"), pytest.mark.timeout(120)]


@pytest.mark.parametrize(
    ("key", "field"), [("KeyD", "#act-decline [name=reason]"), ("Digit5", "#f-reason")]
)
def test_a_late_answer_closes_and_empties_no_form(world: World, key: str, field: str) -> None:
    lead = world.lead(text="Масло")
    page = world.desk()
    page.evaluate(MARK)
    late: list[tuple[Any, Any]] = []
    page.route("**/work/next", lambda route: late.append((route, route.fetch())))
    page.keyboard.press("KeyN")
    page.locator(f"#card-{lead.id}").wait_for()  # by the stream
    page.keyboard.press(key)
    page.locator(field).fill("не моё")
    ((route, answer),) = late
    route.fulfill(response=answer, headers={**answer.headers, "x-of": "taking"})
    page.locator("body[data-shown]").wait_for()
    assert page.locator(field).is_visible()
    assert page.locator(field).input_value() == "не моё"
    assert page.locator(field).evaluate("(element) => element === document.activeElement")
