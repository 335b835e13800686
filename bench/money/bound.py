"""How much of the gap can be closed by whoever knows only what the product reads."""

from bench.money.informed import Informed, Reader
from service.rules.policy import Policy
from service.simulation.orders.lanes import LaneFinder
from service.simulation.orders.understanding import Understanding
from service.simulation.results.figures import OrderFigures, figures_of
from service.simulation.results.tally import Tally
from service.simulation.scenarios.document import Scenario
from service.simulation.simulate import World


def bounds(
    scenario: Scenario, policy: Policy, load: float, days: int, seed: int
) -> dict[str, OrderFigures]:
    """The figures of the policy, of the informed orders, and of FIFO and the oracle."""
    world = World(scenario)
    orders = list(world.orders({"shipped": policy}, ("handbook",)))
    understood = Understanding(world.with_hours(policy), world.calendar)
    reader = Reader(understood, world)
    reader.learn(world)
    lanes = LaneFinder(understood, world.calendar)
    retries = policy.no_answer_retries
    orders += [
        Informed("informed", reader, lanes, retries),
        Informed("informed, A8", reader, lanes, retries, missed_first=True),
        Informed("informed, A2 and A8", reader, lanes, retries, missed_first=True, stages=True),
    ]
    tallies = {order.name: Tally() for order in orders}
    for number, measured in enumerate(world.weeks(days)):
        understood.forget()
        lanes.forget()
        clients = world.clients(load, f"{seed}/{number}", measured)
        for order in orders:
            world.live(clients, order, tallies[order.name])
    return {item.name: item for item in figures_of(tallies)}
