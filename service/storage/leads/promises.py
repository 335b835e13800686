"""The leads that an operator parked: whom they promised to call, and when."""

from service.leads.lead import Lead
from service.storage.database import Database
from service.storage.rows import lead_of

PROMISED = """
SELECT * FROM leads WHERE state = 'parked' AND parked_by = $1
ORDER BY parked_until, id LIMIT $2
"""


async def list_promises(database: Database, operator: str, limit: int) -> list[Lead]:
    """The leads that an operator parked, the next due first."""
    return [lead_of(row) for row in await database.fetch(PROMISED, operator, limit)]
