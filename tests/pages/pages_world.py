"""What tests of pages do: sign in, send leads, look what came of them."""

from datetime import timedelta
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from builders import a_signal
from forgetting import forget_earlier_tests
from open_always import open_always

from service.flows.leads.receive_signal import receive_signal
from service.flows.leads.view_leads import view_lead, view_lead_events
from service.flows.line.rebuild_line import rebuild_lines
from service.flows.operators.change_presence import change_presence
from service.flows.operators.sign_in import Person, invite_person, sign_in_by_link
from service.leads.lead import Lead
from service.leads.operator import Operator, Presence
from service.storage.leads.duplicates import Sender
from service.storage.operators.operators import put_operator
from service.storage.policies import queue_context

DESK = frozenset({"operate", "read"})
ALL = frozenset({"operate", "read", "personal", "supervise", "admin"})
WAIT = 20_000  # also on a machine that is busy with other tests


class World:
    """A service, a browser, and the people who use them."""

    def __init__(self, service: Any, chromium: Any, emptying: str) -> None:
        self.service, self.chromium, self.emptying = service, chromium, emptying
        self.clock, self.resources = service.clock, service.resources
        self.contexts: list[Any] = []
        self.problems: list[str] = []

    def do(self, doing: Any) -> Any:
        return self.service.do(doing)

    def begin(self) -> None:
        queue_context.default_text = open_always
        self.do(self._empty())

    def end(self) -> None:
        for context in self.contexts:
            context.close()
        assert self.problems == []

    async def _empty(self) -> None:
        stores = self.resources.stores
        forget_earlier_tests(self.resources)
        async with stores.database.pool.acquire() as raw:
            await raw.execute(self.emptying)
        async with stores.database.transaction() as connection:
            for name in ("anna", "boris"):
                await put_operator(connection, Operator(name, ("main",)), self.clock.now())
        stores.directory.forget()
        stores.bases.forget()
        await rebuild_lines(self.resources)

    def lead(self, **sent: Any) -> Lead:
        """A signal comes in now."""
        signal = a_signal(**{"received_at": self.clock.now() - timedelta(minutes=3), **sent})
        return self.do(receive_signal(self.resources, signal, Sender("tests"))).lead

    def now(self, lead: Lead) -> Lead:
        """A lead as it is now."""
        found: Lead = self.do(view_lead(self.resources, lead.id))
        return found

    def events(self, lead: Lead) -> list[str]:
        records = self.do(view_lead_events(self.resources, lead.id, after=0, limit=100))
        return [record.event.type for record in records]

    def at_work(self, name: str = "anna") -> None:
        self.do(change_presence(self.resources, name, Presence.ONLINE))

    def context(self, **options: Any) -> Any:
        """A browser of somebody's own; whatever goes wrong in it fails the test."""
        made = self.chromium.new_context(**{"locale": "en-GB", **options})
        made.set_default_timeout(WAIT)
        self.contexts.append(made)
        return made

    def sign_in(
        self,
        name: str = "anna",
        scopes: frozenset[str] = DESK,
        desk: bool = True,
        **options: Any,
    ) -> Any:
        """A page of whom a link has signed in: the browser has their cookie, and is nowhere yet."""
        context = self.context(**options)
        link = self.link(name, scopes, desk=desk)
        secret = self.do(sign_in_by_link(self.resources, link)).secret
        context.add_cookies([{"name": "nl", "value": secret, "url": self.service.address}])
        page = context.new_page()
        self.watch(page)
        return page

    def link(self, name: str, scopes: frozenset[str] = DESK, *, desk: bool = True) -> str:
        """The secret of a link that signs somebody in once."""
        person = Person(name, name if desk else None, scopes)
        secret: str = self.do(invite_person(self.resources, person))
        return secret

    def desk(self, name: str = "anna", **options: Any) -> Any:
        """The desk of who is at work, once its script listens."""
        self.at_work(name)
        page = self.sign_in(name, **options)
        page.goto(f"{self.service.address}/work")
        page.locator("#desk[data-ready]").wait_for()
        return page

    def watch(self, page: Any) -> None:
        """Errors of scripts, and whatever the content policy refused."""
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.problems.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )


def flaws(page: Any) -> list[str]:
    """What axe finds wrong on a page, by WCAG 2.2 AA."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    return [
        f"{item['id']}: {node['html'][:160]}"
        for item in found.response["violations"]
        for node in item["nodes"]
    ]


def overflows(page: Any) -> bool:
    """Whether the page is wider than its window."""
    wide: bool = page.evaluate(
        "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wide
