"""The payment of an order arrives before an operator asks for it (rule A14).

It runs in the transaction of `update_lead` or `correct_signal`. These update the line, and let the
client's call tasks follow a sale (B14).
"""

from dataclasses import replace
from datetime import datetime

from service.flows.leads.update_customer import note_end
from service.leads.lead import Lead, State
from service.leads.settlement import Outcome
from service.ranking.rank import rank_lead
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move
from service.storage.policies.conversions import count_outcome
from service.storage.rows import ranking_columns


async def apply_payment(
    connection: Connection, resources: Resources, lead: Lead, sender: str, now: datetime
) -> Lead:
    """Settle a paid order as won by the operator who parked it; without a sum, put it in the line.

    Only leads that await payment change, also those whose client is to be called again about it. An
    operator who holds the lead settles it themselves.
    """
    if not lead.awaits_payment or not lead.signal.paid or lead.state is State.CLAIMED:
        return lead
    if lead.amount is not None:
        return await _win(connection, lead, sender, now)
    if lead.state is not State.PARKED:
        return lead
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = replace(lead.situation, callback_due=False)  # nobody needs to ask for it now
    ranking = rank_lead(situation, basis.policy, now, basis.observed, lead.ranking.reading)
    event = LeadEvent("lead.due", now, sender, "the payment has come")
    changes = {"callback_due": False, **ranking_columns(ranking)}
    return await move(connection, lead, State.WAITING, event, changes)


async def _win(connection: Connection, lead: Lead, sender: str, now: datetime) -> Lead:
    changes = {
        "outcome": Outcome.WON.value,
        "settled_at": now,
        "settled_by": lead.parked_by,
        "counted": True,
    }
    details = {"outcome": Outcome.WON.value, "amount": f"{lead.amount:.2f}"}
    event = LeadEvent("lead.settled", now, sender, "the payment has come", details)
    await count_outcome(connection, lead, won=True)
    won = await move(connection, lead, State.SETTLED, event, changes)
    await note_end(connection, won, lead.situation.parked_by or sender, now, talked=False)
    return won
