"""The pictures of README and docs: `python -m bench.pictures ADDRESS KEY`, on a running demo.

Small PNGs, light and dark, in `docs/pictures`. Chromium is Debian's.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, sync_playwright

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1100, "height": 760}


def main(address: str, key: str) -> None:
    """Take every picture in both colours."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for colours in ("light", "dark"):
            context = browser.new_context(locale="en-GB", viewport=SIZE, color_scheme=colours)
            page = context.new_page()
            _sign_in(page, address, key)
            _take(page, address, colours)
            context.close()
        browser.close()


def _sign_in(page: Page, address: str, key: str) -> None:
    page.goto(address)
    page.locator("#key").fill(key)
    page.locator("button.main").click()
    page.goto(f"{address}/desk")
    page.locator("button[value=anna]").click()
    page.locator("#desk[data-ready]").wait_for()


def _take(page: Page, address: str, colours: str) -> None:
    back: Any = page.locator("#presence button[value=online]")
    if back.count():
        back.click()
        page.locator("#pause").wait_for()
    if page.locator("#card-title").count() == 0:
        page.keyboard.press("KeyN")
        page.locator("#card-title").wait_for()
    page.keyboard.press("Digit1")
    page.keyboard.press("Escape")
    page.evaluate("scrollTo(0, 0)")
    _picture(page, f"desk-{colours}")
    for name, place in (("board", "/board"), ("policy", "/policy")):
        page.goto(f"{address}{place}")
        _picture(page, f"{name}-{colours}")


def _picture(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle") if "desk" not in name else None
    page.screenshot(path=FOLDER / f"{name}.png", scale="css")


if __name__ == "__main__":
    main(*sys.argv[1:3])
