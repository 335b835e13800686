"""Goods have arrived: reopen the leads of clients who wished for them (rule B12).

Postgres is written first, wish by wish, each under its lock; then the line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from service.flows.line.show_in_line import show_in_line
from service.leads.lead import Lead, ParkedFor, State
from service.leads.settlement import Outcome
from service.ranking.rank import rank_lead
from service.resources import Resources
from service.rules.wishes import find_wished, read_goods
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import locked
from service.storage.leads.reopening import reopen
from service.storage.leads.wishes import wishes_of
from service.storage.policies.conversions import uncount_outcome
from service.storage.rows import ranking_columns

REOPENED = "lead.reopened"
PAGE = 500
MAX_RETURNED = 1000
NO_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ReturnedWish:
    """A lead that waits again, and the goods that it wished for."""

    lead: Lead
    goods: str


async def bring_back_wishes(
    resources: Resources, goods: Sequence[str], author: str, queue: str | None = None
) -> list[ReturnedWish]:
    """Reopen wishes for these goods, at most 1 000 at a time, oldest first.

    `queue` None means all queues. The leads get the place of a `later` callback that is due. Raises
    QueueNotFound.
    """
    if queue is not None:
        await resources.stores.directory.queue(queue)
    names = [queue] if queue is not None else await resources.stores.directory.queue_names()
    returned: list[ReturnedWish] = []
    for name in names:
        await _bring_back(resources, name, goods, author, returned)
    return returned


async def _bring_back(
    resources: Resources,
    queue: str,
    goods: Sequence[str],
    author: str,
    returned: list[ReturnedWish],
) -> None:
    lexicon = (await resources.stores.bases.of(queue)).policy.lexicon
    arrived = [read_goods(name, lexicon) for name in goods]
    after = NO_ID
    while page := await wishes_of(resources.stores.database, queue, after, PAGE):
        for wish in page:
            found = find_wished(_words(wish), arrived, lexicon)
            if found is not None and len(returned) < MAX_RETURNED:
                lead = await _reopen(resources, wish.id, found, author)
                returned += [] if lead is None else [ReturnedWish(lead, found)]
        after = page[-1].id


def _words(wish: Lead) -> str:
    items = (item.name for item in wish.signal.items)
    return "\n".join(filter(None, (wish.note, wish.signal.text, *items)))


async def _reopen(resources: Resources, lead_id: UUID, goods: str, author: str) -> Lead | None:
    """Reopen one wish; None when somebody answered it meanwhile."""
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead = await locked(connection, lead_id)
        if lead.state is not State.SETTLED or lead.outcome != Outcome.WISH:
            return None
        basis = await resources.stores.bases.of(lead.signal.queue)
        due = replace(lead.situation, callback_due=True, promised_at=now)
        ranking = rank_lead(due, basis.policy, now, basis.observed, lead.ranking.reading)
        columns = {
            **ranking_columns(ranking),
            "callback_due": True,
            "promised_at": now,
            "parked_for": ParkedFor.LATER.value,
            "parked_by": lead.settled_by,
        }
        await uncount_outcome(connection, lead)
        event = LeadEvent(REOPENED, now, author, "the goods have come (B12)", {"goods": goods})
        lead = await reopen(connection, lead, State.WAITING, event, columns)
    await show_in_line(resources, lead)
    return lead
