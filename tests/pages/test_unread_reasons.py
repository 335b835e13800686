"""The board says for each source why deliveries are in quarantine."""

import re

import httpx
from fastapi import FastAPI
from webhook_stories import deliver, delivered, put_source, read_all_due

from service.flows.operators.sign_in import Person, invite_person, sign_in_by_link
from service.resources import Resources

UNREAD = (b"{", b"[]", b"[1]")


async def test_the_board_counts_unread_deliveries_by_reason(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client)
    for body in UNREAD:
        await deliver(client, body)
    await read_all_due(resources)
    reasons = [item["reason"] for item in await delivered(client, state="quarantined")]
    assert len(reasons) == len(UNREAD)
    link = await invite_person(
        resources, Person("vera", None, frozenset({"supervise", "personal"}))
    )
    secret = (await sign_in_by_link(resources, link)).secret
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://nextlead", cookies={"nl": secret}
    ) as browser:
        page = (await browser.get("/board")).text
    shown = [
        int(n)
        for n in re.findall(
            r'<span class="muted small"><span lang="en">[^<]+</span>: (\d+)</span>', page
        )
    ]
    assert shown == sorted((reasons.count(item) for item in {*reasons}), reverse=True)
