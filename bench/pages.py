"""How fast the pages are with few and with many leads: python -m bench.pages

The desk, its parts, and the board, with 20 and with 20 000 leads that wait; then rounds of taking
and settling by the forms, after which the service's memory must not have grown. With
`--browser-minutes` a tab of Chromium stays open meanwhile, and its memory is looked at, too.
"""

import asyncio
import gzip
import json
import re
import shutil
import statistics
import time
from contextlib import AsyncExitStack
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


@click.command(context_settings={"show_default": True})
@click.option("--waiting", default="20,20000", help="How many leads wait, one run each.")
@click.option("--times", default=100, help="How often each page is asked for.")
@click.option("--rounds", default=500, help="How many leads are taken and settled.")
@click.option("--browser-minutes", default=0.0, help="How long a tab stays open, as the last.")
def main(waiting: str, times: int, rounds: int, browser_minutes: float) -> None:
    """Measure the pages."""
    configure_logs("warning")
    with servers() as (addresses, directory):
        for leads in map(int, waiting.split(",")):
            asyncio.run(_run(addresses, directory, leads, times, rounds, browser_minutes))


async def _run(
    addresses: Addresses, directory: Path, leads: int, times: int, rounds: int, minutes: float
) -> None:
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
            seen = await _look(browser, page, times)
            click.echo(
                f"  {seen.page:14} p50 {seen.median:7.1f} ms   p95 {seen.slowest:7.1f} ms"
                f"   {seen.size:6.1f} KiB gzip"
            )
        await _work(browser, min(50, rounds))  # what is loaded once is loaded then
        before = _memory(program)
        seconds = await _work(browser, min(rounds, leads))
        grown = _memory(program) - before
        click.echo(
            f"  {min(rounds, leads)} leads taken and settled, {1000 * seconds:.0f} ms each;"
            f" the service's memory grew by {grown:.1f} MiB"
        )
        if minutes:
            await _stay(address, key, minutes)


async def _serve(
    stack: AsyncExitStack, environment: dict[str, str], directory: Path
) -> tuple[str, Program, str]:
    await finish([NEXTLEAD, "migrate"], environment)
    scopes = [word for scope in ("intake", "read", "operate", "supervise", "admin")
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
        json.dumps(
            {"channel": "whatsapp", "source": "bench", "external_id": f"{number}",
             "text": TEXTS[number % len(TEXTS)]},
            ensure_ascii=False,
        )
        for number in range(leads)
    )  # fmt: skip
    taken = await browser.post(
        "/v1/leads/import",
        content=lines.encode(),
        headers={**bearer, "Content-Type": "application/x-ndjson"},
        timeout=600,
    )
    taken.raise_for_status()


async def _sit_down(browser: httpx.AsyncClient, key: str) -> None:
    await browser.post("/signin", data={"key": key})
    page = await browser.get("/desk")
    await browser.post("/desk", data={"csrf": _csrf(page.text), "operator": "anna"})
    page = await browser.get("/work")
    await browser.post("/work/presence", data={"csrf": _csrf(page.text), "status": "online"})


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


async def _work(browser: httpx.AsyncClient, rounds: int) -> float:
    """Seconds that it takes to take a lead and to settle it, on average."""
    csrf, begun = _csrf((await browser.get("/work")).text), time.perf_counter()
    headers = {"X-Fragment": "1"}
    for _ in range(rounds):
        await browser.post("/work/next", data={"csrf": csrf}, headers=headers)
        parts = (await browser.get("/work/parts", headers=headers)).text
        found = IN_HAND.search(parts)
        if found is None:
            break
        ending = {"csrf": csrf, "lead": found[1], "outcome": "spam", "then": "stop"}
        ended = await browser.post(f"/work/{found[1]}/settle", data=ending, headers=headers)
        if ended.status_code not in (200, 303):
            raise click.ClickException(f"settling answered {ended.status_code}")
    return (time.perf_counter() - begun) / max(1, rounds)


async def _stay(address: str, key: str, minutes: float) -> None:
    """A tab of the desk stays open; its memory and its nodes before and afterwards."""
    from playwright.async_api import async_playwright  # noqa: PLC0415  of the development group

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page()
        await page.goto(address)
        await page.locator("#key").fill(key)
        await page.locator("button.main").click()
        await page.goto(f"{address}/desk")
        await page.locator("button[value=anna]").click()
        await page.locator("#desk[data-ready]").wait_for()
        tools = await page.context.new_cdp_session(page)
        before = await _heap(tools)
        await asyncio.sleep(60 * minutes)
        after = await _heap(tools)
        await browser.close()
    click.echo(
        f"  a tab for {minutes:g} min: {before[0]:.2f} → {after[0]:.2f} MiB,"
        f" {before[1]:.0f} → {after[1]:.0f} nodes"
    )


async def _heap(tools: Any) -> tuple[float, float]:
    await tools.send("HeapProfiler.collectGarbage")
    await tools.send("Performance.enable")
    found = (await tools.send("Performance.getMetrics"))["metrics"]
    values = {item["name"]: item["value"] for item in found}
    return values["JSHeapUsedSize"] / MIB, values["Nodes"]


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
