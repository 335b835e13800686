"""Sources for incoming requests: cached for a moment, with each secret opened once."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from cachetools import LRUCache

from service.adapters.source import Source
from service.cached import Cached
from service.sealing import Sealer
from service.storage.database import Database
from service.storage.senders.sources import Proof, StoredSource, list_sources

SECONDS = 2.0
FAILED_SECONDS = 0.5  # less than the Retry-After that senders get
MAX_OPENED = 10_000


class SourceCache:
    """All sources, at most two seconds old.

    They are read together, so guessed names cause no queries.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer
        self._existing = Cached(self._read, SECONDS, FAILED_SECONDS)
        self._opened: LRUCache[str, str] = LRUCache(MAX_OPENED)
        self._watched_at: datetime | None = None

    async def find(self, name: str) -> StoredSource | None:
        """The source of a name, None without one; raises StorageUnavailable."""
        return (await self._existing.value()).get(name)

    def opened(self, stored: StoredSource, options: Mapping[str, str], now: datetime) -> Source:
        """The source with these options and the secrets that are valid now.

        Raises SecretKeyMissing and SecretLost.
        """
        secrets = {name: self._values(proofs, now) for name, proofs in stored.secrets.items()}
        return replace(stored.spec, secrets=secrets, options=options)

    def is_due(self, now: datetime, every: timedelta) -> bool:
        """Whether to check for silent sources now; True at most once in a time of `every`."""
        due = self._watched_at is None or not timedelta() <= now - self._watched_at < every
        self._watched_at = now if due else self._watched_at
        return due

    def forget(self) -> None:
        """Read again from now on, because something was changed here."""
        self._existing.forget()

    async def _read(self) -> Mapping[str, StoredSource]:
        async with self._database.transaction() as connection:
            return {source.name: source for source in await list_sources(connection)}

    def _values(self, proofs: Iterable[Proof], now: datetime) -> tuple[str, ...]:
        return tuple(self._open(proof.stored) for proof in proofs if proof.holds(now))

    def _open(self, sealed: str) -> str:
        if sealed not in self._opened:
            self._opened[sealed] = self._sealer.open(sealed.encode())
        return self._opened[sealed]
