"""How fast the pages are with few and with many leads: python -m bench.pages

The desk, its parts, and the board, with 20 and with 20 000 leads that wait; then leads that come
in, are taken and settled by the forms, while a tab of that desk is open in Chromium and hears of
each by its stream. The memory of the service and of the tab must not grow meanwhile.
"""

import asyncio
import gzip
import json
import re
import shutil
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx
import psutil  # type: ignore[import-untyped]  # its stubs are another package

from bench.processes import Program, finish, free_port, running, wait_until_ready
from bench.stage import NEXTLEAD, environment_of, own_database, servers
from service.embedded.servers import Addresses
from service.logs import configure_logs

PAGES = ("/work", "/work/parts", "/board", "/board/leads")
TEXTS = ("нужны тормозные колодки", "посчитайте стойки в круг", "масло 5w-30 и фильтр", "бампер")
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
IN_HAND = re.compile(r'data-lead="([0-9a-f-]{36})"')
MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Seen:
    """One page: the median and the slowest of twenty in milliseconds, and KiB over the wire."""

    page: str
    median: float
    slowest: float
    size: float


@dataclass(slots=True)
class Tab:
    """A desk that is open in Chromium, and how often it asked for its parts."""

    tools: Any
    looks: int = 0

    async def memory(self) -> str:
        """What its scripts hold after collection."""
        await self.tools.send("HeapProfiler.collectGarbage")
        found = (await self.tools.send("Performance.getMetrics"))["metrics"]
        values = {item["name"]: item["value"] for item in found}
        return (
            f"tab {values['JSHeapUsedSize'] / MIB:.2f} MiB, {values['Nodes']:.0f} nodes,"
            f" {self.looks} looks"
        )


@click.command(context_settings={"show_default": True})
@click.option("--waiting", default="20,20000", help="How many leads wait, one run each.")
@click.option("--times", default=100, help="How often each page is asked for.")
@click.option("--rounds", default=500, help="How many leads come, are taken and settled.")
def main(waiting: str, times: int, rounds: int) -> None:
    """Measure the pages."""
    configure_logs("warning")
    with servers() as (addresses, directory):
        for leads in map(int, waiting.split(",")):
            asyncio.run(_run(addresses, directory, leads, times, rounds))


async def _run(addresses: Addresses, directory: Path, leads: int, times: int, rounds: int) -> None:
    async with AsyncExitStack() as stack:
        own = await own_database(addresses, f"pages_{leads}")
        environment = environment_of(
            NEXTLEAD_DATABASE_URL=own.database_url,
            NEXTLEAD_REDIS_URL=own.redis_url,
            NEXTLEAD_REDIS_PREFIX=f"pages-{leads}:",
        )
        address, program, key = await _serve(stack, environment, directory)
        browser = httpx.AsyncClient(base_url=address, headers={"Origin": address}, timeout=60)
        await stack.enter_async_context(browser)
        await _fill(browser, key, leads)
        await _sit_down(browser, key)
        click.echo(f"{leads} leads wait")
        for page in PAGES:
            click.echo(_line(await _look(browser, page, times)))
        tab = await stack.enter_async_context(_open_tab(address, key))
        for part in (rounds // 10, rounds - rounds // 10):  # what is loaded once is loaded then
            seconds = await _work(browser, key, part)
            click.echo(
                f"  {part} leads came, were taken and settled, {1000 * seconds:.0f} ms each:"
                f" service {_memory(program):.1f} MiB, {await tab.memory()}"
            )


def _line(seen: Seen) -> str:
    return (
        f"  {seen.page:14} p50 {seen.median:7.1f} ms   p95 {seen.slowest:7.1f} ms"
        f"   {seen.size:6.1f} KiB gzip"
    )


async def _serve(
    stack: AsyncExitStack, environment: dict[str, str], directory: Path
) -> tuple[str, Program, str]:
    await finish([NEXTLEAD, "migrate"], environment)
    scopes = [word for scope in ("intake", "read", "personal", "operate", "supervise", "admin")
              for word in ("--scope", scope)]  # fmt: skip
    key = await finish([NEXTLEAD, "keys", "create", "bench", *scopes], environment)
    port = free_port()
    serve = [NEXTLEAD, "serve", "--host", "127.0.0.1", "--port", f"{port}", "--workers", "1"]
    program = await stack.enter_async_context(
        running(serve, environment, directory / f"pages-{port}.log")
    )
    await wait_until_ready(program, f"http://127.0.0.1:{port}/readyz")
    return f"http://127.0.0.1:{port}", program, key


async def _fill(browser: httpx.AsyncClient, key: str, leads: int) -> None:
    bearer = {"Authorization": f"Bearer {key}"}
    made = await browser.put("/v1/operators/anna", json={"queues": ["main"]}, headers=bearer)
    made.raise_for_status()
    lines = "\n".join(
        json.dumps({**_lead(number), "external_id": f"{number}"}, ensure_ascii=False)
        for number in range(leads)
    )
    taken = await browser.post(
        "/v1/leads/import",
        content=lines.encode(),
        headers={**bearer, "Content-Type": "application/x-ndjson"},
        timeout=600,
    )
    taken.raise_for_status()


def _lead(number: int) -> dict[str, object]:
    return {"channel": "whatsapp", "source": "bench", "text": TEXTS[number % len(TEXTS)]}


async def _sit_down(browser: httpx.AsyncClient, key: str) -> None:
    await browser.post("/signin", data={"key": key})
    page = await browser.get("/desk")
    await browser.post("/desk", data={"csrf": _csrf(page.text), "operator": "anna"})
    page = await browser.get("/work")
    await browser.post("/work/presence", data={"csrf": _csrf(page.text), "status": "online"})
    page = await browser.get("/work")
    if 'id="line-' not in page.text:
        raise click.ClickException("the desk shows no line")


async def _look(browser: httpx.AsyncClient, page: str, times: int) -> Seen:
    taken, answer = [], await browser.get(page)
    for _ in range(times):
        begun = time.perf_counter()
        answer = await browser.get(page, headers={"X-Fragment": "1"})
        taken.append(1000 * (time.perf_counter() - begun))
        answer.raise_for_status()
    slow = statistics.quantiles(taken, n=20)[-1]
    size = len(gzip.compress(answer.content)) / 1024
    return Seen(page, statistics.median(taken), slow, size)


async def _work(browser: httpx.AsyncClient, key: str, rounds: int) -> float:
    """Seconds that it takes to take a lead and to settle it, on average; as many come in."""
    csrf, taken = _csrf((await browser.get("/work")).text), 0.0
    headers, bearer = {"X-Fragment": "1"}, {"Authorization": f"Bearer {key}"}
    for number in range(rounds):
        (await browser.post("/v1/leads", json=_lead(number), headers=bearer)).raise_for_status()
        begun = time.perf_counter()
        await browser.post("/work/next", data={"csrf": csrf}, headers=headers)
        parts = (await browser.get("/work/parts", headers=headers)).text
        found = IN_HAND.search(parts)
        if found is None:
            raise click.ClickException("there is nothing to take")
        ending = {"csrf": csrf, "lead": found[1], "outcome": "spam", "then": "stop"}
        ended = await browser.post(f"/work/{found[1]}/settle", data=ending, headers=headers)
        taken += time.perf_counter() - begun
        if ended.status_code not in (200, 303):
            raise click.ClickException(f"settling answered {ended.status_code}")
    return taken / max(1, rounds)


@asynccontextmanager
async def _open_tab(address: str, key: str) -> AsyncIterator[Tab]:
    """The desk in a browser of its own, while the block runs."""
    from playwright.async_api import async_playwright  # noqa: PLC0415  of the development group

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = await chromium.new_page()
        await page.goto(address)
        await page.locator("#key").fill(key)
        await page.locator("button.main").click()
        await page.goto(f"{address}/desk")
        await page.locator("button[value=anna]").click()
        await page.locator("#desk[data-ready]").wait_for()
        tab = Tab(await page.context.new_cdp_session(page))
        await tab.tools.send("Performance.enable")

        def count(sent: Any) -> None:
            tab.looks += "/work/parts" in sent.url

        page.on("request", count)
        yield tab
        await chromium.close()


def _memory(program: Program) -> float:
    whole = psutil.Process(program.process.pid)
    return float(sum(each.memory_info().rss for each in (whole, *whole.children(True)))) / MIB


def _csrf(page: str) -> str:
    found = CSRF.search(page)
    if found is None:
        raise click.ClickException("no form on the page: nobody is signed in")
    return found[1]


if __name__ == "__main__":
    main()
