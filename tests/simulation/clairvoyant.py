"""What nobody can keep more than: who sees every departure ahead, and work may be split and shared.

With the money of a client spread evenly over the minutes of work, and all operators as one fast
one, the amounts of work that can be done are a polymatroid: an interval of time holds no more work
than it has minutes. Over one the greedy choice is the best (Edmonds 1970), so that no linear
programme need be solved. Work may lie anywhere between a client's coming and the end of a service
that begins as the client leaves.
"""

from collections.abc import Sequence

from service.simulation.shop.client import SimulatedClient


def most_money(clients: Sequence[SimulatedClient], operators: int) -> float:
    """An upper bound of the money of any order of service."""
    spans = [(item.arrives, item.gone + item.minutes) for item in clients]
    begins, ends = sorted({b for b, _ in spans}), sorted({e for _, e in spans})
    room = {(b, e): operators * (e - b) for b in begins for e in ends if b < e}
    money = 0.0
    dearest = sorted(zip(clients, spans, strict=True), key=lambda item: -density(item[0]))
    for client, (arrives, leaves) in dearest:
        around = [span for span in room if span[0] <= arrives and span[1] >= leaves]
        amount = min(client.minutes, *(room[span] for span in around))
        for span in around:
            room[span] -= amount
        money += amount * density(client)
    return money


def density(client: SimulatedClient) -> float:
    """Money a minute of work."""
    return client.worth / client.minutes
