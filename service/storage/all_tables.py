"""The whole schema, for code that needs all tables."""

from service.storage import session_tables
from service.storage.customers import erasure_tables, mark_tables
from service.storage.events import subscription_tables
from service.storage.leads import signal_tables
from service.storage.queues import history_tables
from service.storage.senders import delivery_tables
from service.storage.tables import metadata

MODULES = (
    delivery_tables,
    erasure_tables,
    history_tables,
    mark_tables,
    session_tables,
    signal_tables,
    subscription_tables,
)

__all__ = ["MODULES", "metadata"]
