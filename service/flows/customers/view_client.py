"""Show the client's history to the operator who takes a lead; nothing changes (rules A22, A23)."""

from service.flows.leads.update_customer import number_of_client
from service.leads.lead import Lead
from service.resources import Resources
from service.rules.hints import Hint
from service.storage.customers.clients import Client


async def view_hints(resources: Resources, lead: Lead) -> list[Hint]:
    """The hints of the queue's policy for the operator who takes the lead (A12, B13)."""
    policy = (await resources.stores.bases.of(lead.signal.queue)).policy
    return [hint for hint in policy.hints if hint.fits(lead)]


async def view_client(resources: Resources, lead: Lead | None) -> Client | None:
    """Find the client of a lead; None, without a query, when the lead does not name them."""
    external_id = None if lead is None else number_of_client(lead)
    if lead is None or external_id is None:
        return None
    return await resources.stores.clients.find(external_id, besides=lead.id)
