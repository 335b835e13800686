"""Sources as the door knows them: remembered for a moment, with secrets opened once."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cachetools import LRUCache

from service.adapters.source import Source
from service.sealing import Sealer
from service.storage.database import Database
from service.storage.sources import KeptSource, Proof, list_sources

SECONDS = 2.0
MOST_OPENED = 10_000


class KnownSources:
    """What is known of sources, at most two seconds old.

    All of them are read at once, so that whoever guesses names asks the database nothing.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer
        self._known: Mapping[str, KeptSource] = {}
        self._stale_at = 0.0
        self._reading = asyncio.Lock()
        self._opened: LRUCache[str, str] = LRUCache(MOST_OPENED)

    async def find(self, name: str) -> KeptSource | None:
        """The source of a name."""
        if time.monotonic() >= self._stale_at:
            async with self._reading:
                if time.monotonic() >= self._stale_at:
                    await self._read()
        return self._known.get(name)

    def opened(self, kept: KeptSource, options: Mapping[str, str], now: datetime) -> Source:
        """A source with these options and the secrets that are valid now.

        Raises SecretKeyMissing and SecretLost.
        """
        secrets = {name: self._values(proofs, now) for name, proofs in kept.secrets.items()}
        return replace(kept.said, secrets=secrets, options=options)

    def forget(self) -> None:
        """Ask anew from now on: something was changed here."""
        self._stale_at = 0.0

    async def _read(self) -> None:
        async with self._database.transaction() as connection:
            found = await list_sources(connection)
        self._known = {one.name: one for one in found}
        self._stale_at = time.monotonic() + SECONDS

    def _values(self, proofs: Iterable[Proof], now: datetime) -> tuple[str, ...]:
        return tuple(self._open(one.kept) for one in proofs if one.holds(now))

    def _open(self, sealed: str) -> str:
        if sealed not in self._opened:
            self._opened[sealed] = self._sealer.open(sealed.encode())
        return self._opened[sealed]
