"""Which of many signals are already known; one statement serves all callers of a moment."""

from collections.abc import Sequence

from service.batching import Batcher
from service.storage.database import Database

SIGNALS = 64

# One row per signal, in their order; a signal opened a lead or joined one, never both.
TELLERS = """
SELECT coalesce(opened.created_by, joined.created_by) AS teller
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (source, external_id, place)
LEFT JOIN leads AS opened
    ON opened.source = asked.source AND opened.external_id = asked.external_id
LEFT JOIN lead_signals AS joined
    ON joined.source = asked.source AND joined.external_id = asked.external_id
    AND joined.sort = 'joined'
ORDER BY asked.place
"""


class DuplicateSignals:
    """Answers many callers with one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batcher[tuple[str, str], str | None] = Batcher(
            self._carry, name="repeated", size=SIGNALS
        )

    async def teller(self, source: str, external_id: str) -> str | None:
        """The name of the key that sent this signal before; None for a new signal."""
        return await self._batch.submit((source, external_id))

    async def _carry(self, asked: Sequence[tuple[str, str]]) -> Sequence[str | None]:
        sources, ids = [item[0] for item in asked], [item[1] for item in asked]
        return [row["teller"] for row in await self._database.fetch(TELLERS, sources, ids)]
