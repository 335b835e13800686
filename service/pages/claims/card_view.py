"""What the card of the lead in hand shows besides the lead, gathered from flows that only look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.explaining.sentences import LanguageName, sentences
from service.flows.claims.watch_replies import view_reply_due
from service.flows.customers.view_client import view_client, view_hints
from service.flows.leads.view_leads import Explained, view_explanation, view_lead
from service.flows.leads.view_signals import view_signals
from service.flows.operators.view_operators import AtWork, view_operator
from service.leads.lead import MOVES, Lead
from service.pages.claims.desk_view import Desk
from service.pages.claims.lead_links import ShownLink, view_links
from service.pages.reader import PageCall
from service.resources import Resources
from service.rules.hints import Hint
from service.storage.operators.operators import Queue

MAX_SAME = 3


@dataclass(frozen=True, slots=True)
class CardView:
    """The data on the card of the current lead, besides the lead."""

    client: Any
    sentences: Sequence[str]
    signals: Sequence[Any]
    reply_due: datetime | None = None
    hints: Sequence[Hint] = ()
    same: Sequence[Lead] = ()
    colleagues: Sequence[AtWork] = ()
    skills: Sequence[str] = ()
    queues: Sequence[Queue] = ()
    links: Sequence[ShownLink] = ()
    mistakes: Mapping[str, str] = field(default_factory=dict)


async def view_card(call: PageCall, desk: Desk) -> CardView | None:
    """The data of the card; None without a lead."""
    lead = desk.current
    if lead is None:
        return None
    resources = call.resources
    explained = await view_explanation(resources, lead.id)
    staff = await resources.stores.directory.operators()
    colleagues = [
        await view_operator(resources, name)
        for name, item in sorted(staff.items())
        if name != call.operator and lead.signal.queue in item.queues
    ]
    own = desk.at_work.operator.skills
    client = await view_client(resources, lead)
    skills = {skill for item in colleagues for skill in item.operator.skills} - own
    return CardView(
        client=client,
        links=await view_links(resources, lead, client.card if client else None),
        sentences=sentences_of(explained, call.reader.language),
        signals=await view_signals(resources, lead.id),
        reply_due=await view_reply_due(resources, lead),
        hints=await view_hints(resources, lead),
        same=await _possibly_same(resources, lead),
        colleagues=colleagues,
        skills=sorted(skills),
        queues=await _other_queues(resources, lead),
    )


async def _other_queues(resources: Resources, lead: Lead) -> list[Queue]:
    """The open queues to which the lead can be handed over."""
    directory = resources.stores.directory
    found = [await directory.queue(name) for name in sorted(await directory.queue_names())]
    return [item for item in found if item.closed_at is None and item.name != lead.signal.queue]


async def _possibly_same(resources: Resources, lead: Lead) -> list[Lead]:
    """Open leads that may belong to the same client, the newest first."""
    ids = dict.fromkeys(item.lead for item in reversed(lead.possibly_same))
    found = [await view_lead(resources, item) for item in [*ids][:MAX_SAME]]
    return [item for item in found if MOVES[item.state] and item.id != lead.id]


def sentences_of(explained: Explained, language: str) -> list[str]:
    """The whole explanation in sentences; empty when it was shortened to a place."""
    ranking = explained.lead.ranking.explanation
    if "chance" not in ranking:
        return []
    name: LanguageName = "ru" if language == "ru" else "en"
    return sentences(ranking, explained.steps, explained.decision, name)
