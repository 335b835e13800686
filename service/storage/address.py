"""The address of the database, from its URL, and why a connection to it fails, in words."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from service.leads.errors import StorageFailed, StorageUnavailable

SETTING = "NEXTLEAD_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Address:
    """A database URL without its password."""

    host: str
    port: int
    user: str
    database: str

    @property
    def place(self) -> str:
        """The host and the port in the form of messages."""
        return f"{self.host}, port {self.port}"


def address_of(url: str) -> Address:
    """The address in a URL; missing parts have the defaults of PostgreSQL's own programs."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0]
    user = unquote(parts.username or "")
    return Address(host, parts.port or 5432, user, unquote(parts.path[1:]) or user)


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Explain why a first connection failed.

    Raises StorageUnavailable when waiting may help, else StorageFailed.
    """
    at = address_of(url)
    try:
        yield
    except asyncpg.InvalidCatalogNameError:
        raise StorageFailed(
            f"There is no database `{at.database}` at {at.place};"
            f" create it, or name another in {SETTING}."
        ) from None
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise StorageFailed(_refused(at, error)) from None
    except asyncpg.InsufficientPrivilegeError:
        raise StorageFailed(
            f"The user `{at.user}` may not connect to the database `{at.database}` at {at.place};"
            " grant it CONNECT."
        ) from None
    except socket.gaierror:
        raise StorageUnavailable(
            f"No host is called {at.host}, where the database should be (port {at.port});"
            f" look at {SETTING}."
        ) from None
    except (OSError, TimeoutError) as error:
        raise StorageUnavailable(
            f"The database cannot be reached at {at.place} ({type(error).__name__})."
        ) from None


def _refused(at: Address, error: asyncpg.PostgresError) -> str:
    user = f"the user `{at.user}`" if at.user else "this user"
    if isinstance(error, asyncpg.InvalidPasswordError):
        return f"The database at {at.place} refuses the password of {user}; look at {SETTING}."
    return f"The database at {at.place} does not let {user} in; look at {SETTING}."
