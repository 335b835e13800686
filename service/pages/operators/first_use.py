"""First use in three steps: operators, sources of leads, and links to sign in."""

import re
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import RedirectResponse, Response

from service.adapters.source import Source
from service.flows.line.view_queues import view_queues
from service.flows.operators.change_operator import change_operator
from service.flows.operators.sign_in import ROLES, Person, invite_person
from service.flows.operators.view_operators import view_operators
from service.flows.senders.change_source import change_source
from service.flows.senders.check_source import SourceSpec
from service.flows.senders.view_sources import view_adapters, view_sources
from service.leads.errors import InvalidRequest
from service.leads.operator import Operator
from service.pages.reader import PageCall
from service.pages.rendering import render

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
LINK_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Shown:
    """The result of a step, or its mistakes."""

    mistakes: tuple[str, ...] = ()
    link: str | None = None
    person: str | None = None
    address: str | None = None


async def show_steps(call: PageCall) -> Response:
    """The three steps, with the existing operators and sources."""
    return await _page(call, Shown())


async def add_operator(call: PageCall) -> Response:
    """Step one: an operator of a queue."""
    name = call.text("name").lower()
    if not NAME.fullmatch(name):
        return await _page(call, Shown(("name",)), 422)
    skills = frozenset(part for part in re.split(r"[,\s]+", call.text("skills").lower()) if part)
    queue = call.text("queue") or "main"
    await change_operator(call.resources, Operator(name, (queue,), skills))
    return RedirectResponse("/start#operators", 303)


async def add_source(call: PageCall) -> Response:
    """Step two: an account of a sender. Its address is shown only this once."""
    adapter, name = call.text("adapter"), call.text("name").lower()
    secrets = _filled(call, "secret.")
    queues = {queue.name: queue for queue in await view_queues(call.resources)}
    queue = call.text("queue") or "main"
    zone = queues[queue].time_zone if queue in queues else "UTC"
    region = (await call.resources.stores.bases.of(queue)).policy.region
    options = _filled(call, "option.")
    source = Source(name, adapter, queue, options=options, time_zone=zone, region=region)
    try:
        made = await change_source(call.resources, SourceSpec(source, secrets), call.session.person)
    except InvalidRequest as error:
        found = tuple(f"{item.field}: {item.reason}. {item.remedy}" for item in error.mistakes)
        return await _page(call, Shown(found), 422)
    base = call.resources.public_url or str(call.request.base_url).rstrip("/")
    address = f"{base}/webhooks/{adapter}/{name}"
    address = address if made.token is None else f"{address}/{made.token}"
    return await _page(call, Shown(address=address))


async def make_link(call: PageCall) -> Response:
    """Step three: a one-time link for a person. It is shown only this once."""
    name, role = call.text("person"), call.text("role")
    scopes = ROLES.get(role, ROLES["operator"])
    operators = await call.resources.stores.directory.operators()
    person = Person(name, name if name in operators else None, scopes)
    if not name or (person.operator is None and role == "operator"):
        return await _page(call, Shown(("person",)), 422)
    secret = await invite_person(call.resources, person, LINK_LASTS)
    base = call.resources.public_url or str(call.request.base_url).rstrip("/")
    return await _page(call, Shown(link=f"{base}/signin/link/{secret}", person=name))


def _filled(call: PageCall, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): values[0].strip()
        for name, values in call.form.items()
        if name.startswith(prefix) and values[0].strip()
    }


async def _page(call: PageCall, shown: Shown, status: int = 200) -> Response:
    adapters = {item.name: item for item in view_adapters() if item.name != "mapping"}
    chosen = adapters.get(call.query("adapter") or call.text("adapter"))
    return render(
        call,
        "start.html",
        status,
        shown=shown,
        people=await view_operators(call.resources),
        sources=await view_sources(call.resources),
        queues=await view_queues(call.resources),
        adapters=list(adapters.values()),
        chosen=chosen,
    )
