"""Sources as the door knows them: remembered for a moment, with secrets opened once."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cachetools import LRUCache

from service.adapters.source import Source
from service.sealing import Sealer
from service.storage.cached import Remembered
from service.storage.database import Database
from service.storage.senders.sources import KeptSource, Proof, list_sources

SECONDS = 2.0
FAILED_SECONDS = 0.5  # less than senders are told to wait for
MOST_OPENED = 10_000


class KnownSources:
    """What is known of sources, at most two seconds old.

    All of them are read at once, so that whoever guesses names asks the database nothing.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer
        self._known = Remembered(self._read, SECONDS, FAILED_SECONDS)
        self._opened: LRUCache[str, str] = LRUCache(MOST_OPENED)

    async def find(self, name: str) -> KeptSource | None:
        """The source of a name; raises StorageUnavailable."""
        return (await self._known.value()).get(name)

    def opened(self, kept: KeptSource, options: Mapping[str, str], now: datetime) -> Source:
        """A source with these options and the secrets that are valid now.

        Raises SecretKeyMissing and SecretLost.
        """
        secrets = {name: self._values(proofs, now) for name, proofs in kept.secrets.items()}
        return replace(kept.said, secrets=secrets, options=options)

    def forget(self) -> None:
        """Ask anew from now on: something was changed here."""
        self._known.forget()

    async def _read(self) -> Mapping[str, KeptSource]:
        async with self._database.transaction() as connection:
            return {one.name: one for one in await list_sources(connection)}

    def _values(self, proofs: Iterable[Proof], now: datetime) -> tuple[str, ...]:
        return tuple(self._open(one.kept) for one in proofs if one.holds(now))

    def _open(self, sealed: str) -> str:
        if sealed not in self._opened:
            self._opened[sealed] = self._sealer.open(sealed.encode())
        return self._opened[sealed]
