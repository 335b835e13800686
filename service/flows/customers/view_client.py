"""Who takes a lead sees its client's history first; nothing moves (rules A22, A23)."""

from service.flows.leads.update_customer import number_of_client
from service.leads.lead import Lead
from service.resources import Resources
from service.rules.hints import Hint
from service.storage.customers.clients import Client


async def view_hints(resources: Resources, lead: Lead) -> list[Hint]:
    """The hints of its queue's policy for whoever takes a lead (A12, B13)."""
    policy = (await resources.stores.bases.of(lead.signal.queue)).policy
    return [hint for hint in policy.hints if hint.fits(lead)]


async def view_client(resources: Resources, lead: Lead | None) -> Client | None:
    """The client of a lead; None, without a question, when the lead does not say who they are."""
    external_id = None if lead is None else number_of_client(lead)
    if lead is None or external_id is None:
        return None
    return await resources.stores.clients.find(external_id, besides=lead.id)
