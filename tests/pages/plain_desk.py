"""A desk in a browser without scripts: its pages are read, its forms are sent."""

import re
from typing import Any

import httpx
from fastapi import FastAPI

from service.flows.operators.change_presence import change_presence
from service.flows.operators.sign_in import Person, invite_person, sign_in_by_link
from service.leads.operator import Presence
from service.resources import Resources

CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


class PlainDesk:
    """The desk of an operator who is on shift."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def page(self, path: str = "/work") -> str:
        answer = await self.client.get(path)
        assert answer.status_code == 200, path
        return answer.text

    async def send(self, path: str, expected: int = 303, /, **fields: Any) -> str:
        """Send a form; the page that is seen then."""
        found = CSRF.search(await self.page())
        assert found is not None
        sent = {name: str(value) for name, value in fields.items()}
        answer = await self.client.post(path, data={"csrf": found[1], **sent})
        assert answer.status_code == expected, answer.text
        return await self.page() if expected == 303 else answer.text


async def plain_desk(
    app: FastAPI, resources: Resources, name: str = "anna", language: str = "en"
) -> PlainDesk:
    """An operator comes on shift and signs in."""
    await change_presence(resources, name, Presence.ONLINE)
    link = await invite_person(resources, Person(name, name, frozenset({"operate", "read"})))
    opened = await sign_in_by_link(resources, link)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://nextlead",
        headers={"Origin": "http://nextlead", "Accept-Language": language},
        cookies={"nl": opened.secret},
    )
    return PlainDesk(client)
