"""Which cards have any of some marks, asked for by all who need it at a moment in one statement."""

from collections.abc import Sequence

from service.batching import Batcher
from service.leads.card import merged_contexts
from service.matching.marks import mark_of
from service.matching.recognition import MarkedCard
from service.storage.customers.customers import context_of
from service.storage.database import Database
from service.storage.json_rows import as_json
from service.storage.rows import Row

MAX_CARDS = 20  # more have no mark in common that could recognise anybody

# A card is found by its own number, and by the marks that it has besides.
CARDS_OF_MARK = f"""
(SELECT external_id FROM customer_marks WHERE customer_marks.mark = {{mark}}
    ORDER BY external_id LIMIT {MAX_CARDS})
UNION ALL (SELECT external_id FROM customers
    WHERE {{mark}} LIKE 'customer:%' AND customers.external_id = substr({{mark}}, 10) LIMIT 1)
"""
# A card that was merged into another one is part of it: its marks and what is known are that one's.
CARDS = f"""
WITH asked AS (
    SELECT place, mark FROM json_to_recordset($1::text::json) AS (place int, mark text)
), hits AS (
    SELECT DISTINCT asked.place, coalesce(part.merged_into, part.external_id) AS external_id
    FROM asked CROSS JOIN LATERAL (
        {CARDS_OF_MARK.format(mark="asked.mark")}
    ) AS marked
    JOIN customers AS part ON part.external_id = marked.external_id
)
SELECT hits.place, card.external_id, card.version, card.name, card.context, (
    SELECT coalesce(json_agg(part.context ORDER BY part.external_id), '[]')
    FROM customers AS part WHERE part.merged_into = card.external_id AND part.context IS NOT NULL
) AS parts, (
    SELECT coalesce(json_agg(json_build_array(mark, strength)), '[]') FROM (
        SELECT mark, strength FROM customer_marks
        WHERE customer_marks.external_id = card.external_id OR customer_marks.external_id IN (
            SELECT part.external_id FROM customers AS part
            WHERE part.merged_into = card.external_id
        )
        UNION ALL SELECT 'customer:' || part.external_id, 1 FROM customers AS part
        WHERE part.external_id = card.external_id OR part.merged_into = card.external_id
    ) AS own
) AS marks
FROM hits JOIN customers AS card ON card.external_id = hits.external_id
ORDER BY hits.place, card.external_id
"""


class MarkedCards:
    """Where is asked which cards have some marks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batcher[tuple[str, ...], list[MarkedCard]] = Batcher(self._read, name="cards")

    async def of(self, identities: tuple[str, ...]) -> list[MarkedCard]:
        """The cards that have any of the marks, in the order of their numbers."""
        return await self._batch.submit(identities) if identities else []

    async def _read(self, asked: Sequence[tuple[str, ...]]) -> list[list[MarkedCard]]:
        spec = [
            {"place": place, "mark": mark}
            for place, identities in enumerate(asked)
            for mark in identities
        ]
        found: list[list[MarkedCard]] = [[] for _ in asked]
        for row in await self._database.fetch(CARDS, as_json(spec)):
            found[row["place"]].append(_card_of(row))
        return found


def _card_of(row: Row) -> MarkedCard:
    contexts = [context_of(row["context"]), *(context_of(part) for part in row["parts"])]
    return MarkedCard(
        external_id=row["external_id"],
        version=row["version"],
        context=merged_contexts(contexts),
        marks=tuple(mark_of(mark, strength) for mark, strength in row["marks"]),
        name=row["name"],
    )
