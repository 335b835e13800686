"""What a process remembers for some seconds, and no test may hand to the next."""

from service.queue.line import EPOCH
from service.resources import Resources
from service.storage.customers.marked_cards import CardsExpected


def forget_earlier_tests(opened: Resources) -> None:
    """Empty what the process remembers for some seconds: the clock goes back to the same noon."""
    stores = opened.stores
    for remembered in (
        stores.attendance._seen,
        stores.attendance._shown,
        stores.statistics._readings,
        stores.prospects._readings,
        stores.recent_hours,
        stores.operator_statistics._existing,
        stores.refusals._counted,
        opened.lane_names._names,
        opened.lane_indexes._existing,
    ):
        remembered.clear()
    stores.sources._watched_at = None
    stores.marked_cards.expected = CardsExpected()
    opened.line.scripts._away_until = 0.0
    # a failure in an earlier test, by its clock, is none that this line has to be compared after
    opened.line._failed_at = EPOCH
