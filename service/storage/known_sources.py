"""Sources as the door knows them: remembered for a moment, with secrets opened once."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cachetools import LRUCache

from service.adapters.source import Source
from service.leads.errors import NextleadError
from service.sealing import Sealer
from service.storage.database import Database
from service.storage.sources import KeptSource, Proof, list_sources

SECONDS = 2.0
FAILED_SECONDS = 0.5  # less than senders are told to wait for
MOST_OPENED = 10_000


class KnownSources:
    """What is known of sources, at most two seconds old.

    All of them are read at once, so that whoever guesses names asks the database nothing.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer
        self._known: Mapping[str, KeptSource] = {}
        self._failure: NextleadError | None = None
        self._stale_at = 0.0
        self._reading: asyncio.Task[None] | None = None
        self._opened: LRUCache[str, str] = LRUCache(MOST_OPENED)

    async def find(self, name: str) -> KeptSource | None:
        """The source of a name; raises StorageUnavailable.

        However many ask, one reading is under way; one that failed is the answer to all who ask
        in the next moment, for a database that is away takes seconds to say so.
        """
        while time.monotonic() >= self._stale_at:
            if self._reading is None:
                self._reading = asyncio.create_task(self._read())
            await asyncio.shield(self._reading)
        if self._failure is not None:
            raise type(self._failure)(str(self._failure))
        return self._known.get(name)

    def opened(self, kept: KeptSource, options: Mapping[str, str], now: datetime) -> Source:
        """A source with these options and the secrets that are valid now.

        Raises SecretKeyMissing and SecretLost.
        """
        secrets = {name: self._values(proofs, now) for name, proofs in kept.secrets.items()}
        return replace(kept.said, secrets=secrets, options=options)

    def forget(self) -> None:
        """Ask anew from now on: something was changed here."""
        self._stale_at, self._failure, self._reading = 0.0, None, None

    async def _read(self) -> None:
        this = asyncio.current_task()
        try:
            known, failure = await self._read_all(), None
        except NextleadError as error:
            known, failure = {}, error
        finally:
            is_of_now = self._reading is this  # else something was changed since it began
            self._reading = None if is_of_now else self._reading
        if is_of_now:
            self._known, self._failure = known, failure
            self._stale_at = time.monotonic() + (FAILED_SECONDS if failure else SECONDS)

    async def _read_all(self) -> dict[str, KeptSource]:
        async with self._database.transaction() as connection:
            return {one.name: one for one in await list_sources(connection)}

    def _values(self, proofs: Iterable[Proof], now: datetime) -> tuple[str, ...]:
        return tuple(self._open(one.kept) for one in proofs if one.holds(now))

    def _open(self, sealed: str) -> str:
        if sealed not in self._opened:
            self._opened[sealed] = self._sealer.open(sealed.encode())
        return self._opened[sealed]
