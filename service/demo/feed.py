"""Feed the demo day through the same flow as every other lead."""

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import yaml

from service.demo.open_shop import open_shop
from service.flows.claims.view_line import view_line
from service.flows.leads.receive_signal import receive_signal
from service.flows.operators.change_operator import change_operator
from service.leads.customer import Customer
from service.leads.lead import Lead
from service.leads.operator import Operator
from service.resources import Resources
from service.schemas.leads import LeadIn
from service.storage.leads.duplicates import Sender

OPERATORS = ("anna", "boris")
SENDER = "demo"


async def feed_demo_day(resources: Resources) -> list[str]:
    """Create two operators and a day's leads; return a line of text for each waiting lead in order.

    A second call on the same day gives the same leads. The shop is open at any hour from then on.
    """
    await open_shop(resources, "main", SENDER)
    now = resources.clock.now()
    for name in OPERATORS:
        await change_operator(resources, Operator(name, ("main",)))
    day = yaml.safe_load(files("service.demo").joinpath("day.yaml").read_text("utf-8"))
    for number, given in enumerate(day):
        lead = _sent(given, now, number)
        await receive_signal(resources, lead.to_signal(now, SENDER), Sender(SENDER))
    return [_line(lead) for lead in (await view_line(resources, OPERATORS[0], 30)).leads]


def _line(lead: Lead) -> str:
    ranking, signal = lead.ranking, lead.signal
    wish = signal.text or ", ".join(item.name for item in signal.items)
    about = f"{_client(signal.customer)}: {wish}" if wish else _client(signal.customer)
    return f"{ranking.stage:>4}  {ranking.score:>6}  {ranking.kind:<12}  {about[:72]}"


def _client(customer: Customer | None) -> str:
    """The client's name, or else a contact."""
    if customer is None:
        return "nameless"
    messengers = (customer.messengers or {}).values()
    names = (customer.name, customer.phone, customer.email, *messengers, customer.external_id)
    return next(filter(None, names), "nameless")


def _sent(given: dict[str, Any], now: datetime, number: int) -> LeadIn:
    minutes_ago = given.pop("minutes_ago")
    needed_in = given.pop("needed_in_minutes", None)
    times = {"received_at": (now - timedelta(minutes=minutes_ago)).isoformat()}
    if needed_in is not None:
        times["needed_by"] = (now + timedelta(minutes=needed_in)).isoformat()
    identity = {"external_id": f"{now:%Y-%m-%d}-{number}"}
    return LeadIn.model_validate({**given, **times, **identity})
