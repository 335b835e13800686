"""The whole schema: whoever needs all tables asks here."""

from service.storage import delivery_tables, signal_tables, subscription_tables
from service.storage.tables import metadata

MODULES = (delivery_tables, signal_tables, subscription_tables)

__all__ = ["MODULES", "metadata"]
