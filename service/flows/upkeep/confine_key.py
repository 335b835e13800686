"""Limit a bound key to its leads, clients, operators and queues; nothing changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from service.flows.customers.find_clients import FoundClient
from service.leads.binding import UNBOUND, Binding
from service.leads.errors import CustomerNotFound, KeyBound, LeadNotFound, OperatorNotFound
from service.resources import Resources
from service.storage.reach import has_lead_in, place_of, those_in


@dataclass(frozen=True, slots=True)
class Reach:
    """A binding, and the queues that it allows at this moment; None means all queues."""

    binding: Binding = UNBOUND
    queues: frozenset[str] | None = None

    def has(self, queue: str) -> bool:
        """Whether the key reaches a queue."""
        return self.queues is None or queue in self.queues

    def has_any(self, queues: Collection[str]) -> bool:
        """Whether the key reaches one of the queues."""
        return self.queues is None or not self.queues.isdisjoint(queues)

    def check_queues(self, names: Collection[str]) -> None:
        """Raise KeyBound unless the key reaches all of the queues."""
        for name in names:
            if not self.has(name):
                raise KeyBound(f"This key is not for the queue `{name}`.")

    def check_operator(self, name: str) -> None:
        """Raise KeyBound for any operator but the key's own."""
        if self.binding.operator not in (None, name):
            raise KeyBound(f"This key is of the operator `{self.binding.operator}` alone.")


EVERYTHING = Reach()


async def reach_of(resources: Resources, binding: Binding) -> Reach:
    """What a key reaches; nothing if its operator no longer exists."""
    if binding.operator is None or binding.queues is not None:
        return Reach(binding, binding.queues)
    try:
        operator = await resources.stores.directory.operator(binding.operator)
    except OperatorNotFound:
        return Reach(binding, frozenset())
    return Reach(binding, frozenset(operator.queues))


async def confine_to_operator(resources: Resources, reach: Reach, name: str) -> None:
    """Raise KeyBound for another operator, or for one who serves a queue out of reach.

    An operator who does not exist serves no queue.
    """
    reach.check_operator(name)
    if reach.queues is None or reach.binding.queues is None:
        return
    operators = await resources.stores.directory.operators()
    if name in operators:
        reach.check_queues(operators[name].queues)


async def confine_to_lead(
    resources: Resources, reach: Reach, lead_id: UUID, *, own: bool = False
) -> None:
    """Raise LeadNotFound for a lead in a queue out of reach, unless the key's operator holds it.

    With `own`, raises KeyBound when another operator holds the lead.
    """
    found = await place_of(resources.stores.database, lead_id)
    if found is None or reach.queues is None:
        return
    queue, holder = found
    mine = reach.binding.operator
    if not (reach.has(queue) or (mine is not None and holder == mine)):
        raise LeadNotFound(f"There is no lead {lead_id}.")
    if own and mine is not None and holder not in (None, mine):
        raise KeyBound(f"This key is of the operator `{mine}` alone; another one holds the lead.")


async def confine_to_client(resources: Resources, reach: Reach, number: str) -> None:
    """Raise CustomerNotFound for a client who never had a lead in the key's queues."""
    database = resources.stores.database
    if reach.queues is not None and not await has_lead_in(database, number, reach.queues):
        raise CustomerNotFound(f"There is no customer `{number}`.")


async def clients_within(
    resources: Resources, reach: Reach, clients: Sequence[FoundClient]
) -> Sequence[FoundClient]:
    """Clients with the leads that a key reaches, without clients who have no such lead."""
    if reach.queues is None:
        return clients
    ids = [lead_id for client in clients for lead_id in client.leads]
    database, mine = resources.stores.database, reach.binding.operator
    visible = await those_in(database, ids, reach.queues, mine)
    cut = [
        replace(client, leads=tuple(lead_id for lead_id in client.leads if lead_id in visible))
        for client in clients
    ]
    return [client for client in cut if client.leads]
