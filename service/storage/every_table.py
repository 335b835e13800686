"""The whole schema: whoever needs all tables asks here."""

from service.storage import signal_tables
from service.storage.tables import metadata

MODULES = (signal_tables,)

__all__ = ["MODULES", "metadata"]
