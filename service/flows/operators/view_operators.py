"""Show which operators are present and how many leads they hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.leads.operator import Operator, Presence
from service.resources import Resources
from service.storage.leads.holdings import count_holdings
from service.storage.operators.operators import list_operators

MOST = 10_000


@dataclass(frozen=True, slots=True)
class AtWork:
    """An operator with presence and the number of leads that they hold."""

    operator: Operator
    presence: Presence
    holding: int = 0


async def view_operator(resources: Resources, name: str) -> AtWork:
    """One operator; raises OperatorNotFound."""
    operator = await resources.stores.directory.operator(name)
    return await show_presence(resources, operator)


async def view_operators(resources: Resources) -> Sequence[AtWork]:
    """All operators by their names, at most 10 000."""
    async with resources.stores.database.transaction() as connection:
        operators = await list_operators(connection, MOST)
        holdings = await count_holdings(connection)
    ordered = sorted(operators, key=lambda item: item.name)
    return [
        await show_presence(resources, item, sum(holdings.get(item.name, {}).values()))
        for item in ordered
    ]


async def show_presence(resources: Resources, operator: Operator, holding: int = 0) -> AtWork:
    """An operator with their presence at this moment."""
    now = resources.clock.now()
    return AtWork(operator, await resources.stores.directory.presence(operator, now), holding)
