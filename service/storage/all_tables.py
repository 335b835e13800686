"""The whole schema: whoever needs all tables asks here."""

from service.storage.events import subscription_tables
from service.storage.leads import signal_tables
from service.storage.senders import delivery_tables
from service.storage.tables import metadata

MODULES = (delivery_tables, signal_tables, subscription_tables)

__all__ = ["MODULES", "metadata"]
