"""The cards that share marks, and recent talks with clients who share them but have no card.

One statement serves all callers of a moment.
"""

from collections.abc import Collection, Sequence
from dataclasses import field

from sqlalchemy import select

from service.batching import Batcher
from service.leads.card import merged_contexts
from service.leads.context import Contact
from service.leads.unchanging import unchanging
from service.matching.marks import mark_of
from service.matching.recognition import MarkedCard, MarkedTalk
from service.storage.customers.customers import context_of
from service.storage.database import Connection, Database
from service.storage.json_rows import as_json
from service.storage.rows import Row
from service.storage.tables import customers

MAX_CARDS = 20  # a mark on more cards identifies nobody
MAX_TALKS = 3  # the newest talks of each mark
LATELY = 64  # about so many leads
FEW = 0.15  # ranking again costs five times as much as a look

# A card is found by its own number and by its other marks.
CARDS_OF_MARK = f"""
(SELECT external_id FROM customer_marks WHERE customer_marks.mark = {{mark}}
    ORDER BY external_id LIMIT {MAX_CARDS})
UNION ALL (SELECT external_id FROM customers
    WHERE {{mark}} LIKE 'customer:%' AND customers.external_id = substr({{mark}}, 10) LIMIT 1)
"""
# A card that was merged into another one is part of it; its marks and context count for that one.
CARDS = f"""
WITH asked AS (
    SELECT * FROM json_to_recordset($1::text::json) AS (place int, queue text, mark text)
), talks AS (
    SELECT DISTINCT asked.place, talk.lead_id, talk.talked_by, talk.talked_at
    FROM asked CROSS JOIN LATERAL (
        SELECT lead_id, talked_by, talked_at FROM lead_identities
        WHERE queue = asked.queue AND identity = asked.mark AND talked_at IS NOT NULL
        ORDER BY talked_at DESC LIMIT {MAX_TALKS}
    ) AS talk
), hits AS (
    SELECT DISTINCT asked.place, coalesce(part.merged_into, part.external_id) AS external_id
    FROM asked CROSS JOIN LATERAL (
        {CARDS_OF_MARK.format(mark="asked.mark")}
    ) AS marked
    JOIN customers AS part ON part.external_id = marked.external_id
)
SELECT hits.place, card.external_id, card.version, card.name, card.context, NULL AS talked_at, (
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
UNION ALL SELECT place, NULL, 0, talked_by, NULL, talked_at, '[]', (
    SELECT json_agg(json_build_array(identity, strength)) FROM lead_identities
    WHERE lead_identities.lead_id = talks.lead_id
) FROM talks
ORDER BY 1, 2
"""


@unchanging
class FoundByMarks:
    """The cards that share marks, sorted by their numbers, and the talks."""

    cards: list[MarkedCard] = field(default_factory=list)
    talks: list[MarkedTalk] = field(default_factory=list)


class CardsExpected:
    """Whether the clients of new leads had cards lately.

    Where few have, a lead is stored without a look at the cards first: that is one wait less. The
    statement that stores it notices a card, and then the lead is ranked again.
    """

    def __init__(self) -> None:
        self._share = 1.0

    def note(self, *, had_cards: bool) -> None:
        """The client of a new lead had cards, or had none."""
        self._share += (had_cards - self._share) / LATELY

    def is_likely(self) -> bool:
        """Whether it is worth a look."""
        return self._share > FEW


class MarkedCards:
    """Reads which cards have some marks."""

    def __init__(self, database: Database) -> None:
        self.expected = CardsExpected()
        self._database = database
        self._batch: Batcher[tuple[str, tuple[str, ...]], FoundByMarks] = Batcher(
            self._read, name="cards", max_in_flight=1
        )

    async def of(self, queue: str, identities: tuple[str, ...]) -> FoundByMarks:
        """The cards with any of the marks, and the queue's talks with clients who have any."""
        return await self._batch.submit((queue, identities)) if identities else FoundByMarks()

    async def _read(self, asked: Sequence[tuple[str, tuple[str, ...]]]) -> list[FoundByMarks]:
        spec = [
            {"place": place, "queue": queue, "mark": mark}
            for place, (queue, identities) in enumerate(asked)
            for mark in identities
        ]
        found = [FoundByMarks() for _ in asked]
        for row in await self._database.fetch(CARDS, as_json(spec)):
            if row["talked_at"] is None:
                found[row["place"]].cards.append(_card_of(row))
            else:
                found[row["place"]].talks.append(_talk_of(row))
        return found


def _talk_of(row: Row) -> MarkedTalk:
    marks = tuple(mark_of(mark, strength) for mark, strength in row["marks"])
    return MarkedTalk(Contact(row["name"], row["talked_at"]), marks)


def _card_of(row: Row) -> MarkedCard:
    contexts = [context_of(row["context"]), *(context_of(part) for part in row["parts"])]
    return MarkedCard(
        external_id=row["external_id"],
        version=row["version"],
        context=merged_contexts(contexts),
        marks=tuple(mark_of(mark, strength) for mark, strength in row["marks"]),
        name=row["name"],
    )


async def lock_cards(connection: Connection, external_ids: Collection[str | None]) -> None:
    """Lock cards that this transaction changes later, before it changes a lead's marks."""
    # in the order of their numbers, and cards before marks: new leads lock in the same order
    named = {item for item in external_ids if item is not None}
    statement = select(customers.c.external_id).where(customers.c.external_id.in_(named))
    ordered = statement.order_by(customers.c.external_id)
    if named:
        await connection.execute(ordered.with_for_update(key_share=True))
