"""A shop over HTTP: short ways to say what happens, each told as one line."""

from datetime import datetime, timedelta
from typing import Any

import httpx
from driven_clock import DrivenClock

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources

STAFF = {
    "anna": [], "boris": [], "vera": ["super_vip"], "maria": ["mentors"],
    "victor": ["wholesale"], "olga": ["head_of_sales"],
}  # fmt: skip
MORNING = datetime.fromisoformat("2026-06-10T09:00:00+03:00")
Lead = dict[str, Any]


class Shop:
    """Short ways to say what happens, each told as one line."""

    def __init__(self, client: httpx.AsyncClient, clock: DrivenClock, stores: Resources) -> None:
        self.client, self.clock, self.stores = client, clock, stores
        self.on_duty = {*STAFF}
        self.names: dict[str, str] = {}

    def report(self, what: str) -> None:
        print(f"{self.clock.now():%H:%M:%S}  {what}")

    async def call(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return await self.client.request(method, f"/v1{path}", json=sent or None)

    async def ask(self, method: str, path: str, **sent: Any) -> Any:
        answer = await self.call(method, path, **sent)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def at(self, time: str, day: int = 0) -> None:
        """Time goes by; whoever is on duty gives a sign of life, and time's own work is done."""
        hours, minutes = time.split(":")
        self.clock.moment = MORNING.replace(hour=int(hours), minute=int(minutes)) + timedelta(day)
        await self.everybody_is_there()
        await keep_in_step(self.stores)

    async def wait(self, **length: float) -> None:
        """Time goes by, as above."""
        self.clock.pass_by(**length)
        await self.everybody_is_there()
        await keep_in_step(self.stores)

    async def staff(self, name: str, *skills: str, **more: Any) -> None:
        """Somebody is made, and is on duty from now on."""
        await self.ask("PUT", f"/operators/{name}", skills=skills, **more)
        await self.ask("PUT", f"/operators/{name}/presence", status="online")
        self.on_duty.add(name)

    async def leaves(self, name: str) -> None:
        """Somebody goes home."""
        self.on_duty.discard(name)
        await self.ask("PUT", f"/operators/{name}/presence", status="offline")

    async def queue_events(self, kind: str, queue: str = "main") -> list[dict[str, Any]]:
        """The details of a queue's events of a type, the oldest first."""
        found = await self.ask("GET", f"/queues/{queue}/events?limit=200")
        return [item["details"] for item in found["events"] if item["type"] == kind]

    async def policy(self, queue: str = "main", **parts: Any) -> None:
        """Parts of a queue's policy are replaced."""
        path = f"/queues/{queue}/policy"
        existing = await self.ask("GET", path)
        sent = {**existing["policy"], **parts}
        answer = await self.client.put(
            f"/v1{path}", json=sent, headers={"If-Match": f'"{existing["version"]}"'}
        )
        assert answer.status_code == 200, answer.text

    async def everybody_is_there(self) -> None:
        for name in sorted(self.on_duty):
            await self.ask("PUT", f"/operators/{name}/presence", status="online")

    async def comes(self, what: str, **sent: Any) -> Lead:
        lead: Lead = await self.ask("POST", "/leads", **{"channel": "whatsapp", **sent})
        self.names[lead["id"]] = what
        self.report(f"{what}: {lead['kind']}, stage {lead['stage']}, {lead['explanation']['lane']}")
        return lead

    async def serve(self, operator: str, expected: Lead | None, rule: str, **how: str) -> Lead:
        query = "?" + "&".join(f"{name}={value}" for name, value in how.items()) if how else ""
        lead = await self.ask("POST", f"/operators/{operator}/next{query}")
        found = lead and lead["id"]
        assert found == (expected and expected["id"]), (rule, lead and lead["text"])
        self.report(f"{operator} is served {self.names.get(found, 'nobody')} ({rule})")
        return lead or {}

    async def end(self, lead: Lead, verb: str = "settle", **sent: Any) -> Lead:
        token = lead["claim"]["token"]
        ended: Lead = await self.ask("POST", f"/leads/{lead['id']}/{verb}", token=token, **sent)
        self.report(f"{lead['claim']['operator']}: {sent.get('outcome', verb)} → {ended['state']}")
        return ended

    async def state(self, lead: Lead) -> str:
        return str((await self.ask("GET", f"/leads/{lead['id']}"))["state"])

    async def events(self, lead: Lead) -> list[str]:
        found = await self.ask("GET", f"/leads/{lead['id']}/events")
        return [item["type"] for item in found["events"]]
