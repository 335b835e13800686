"""Secrets at rest are sealed, and opened only for use; and keyed hashes."""

import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from service.leads.errors import SecretKeyMissing, SecretLost


def new_key() -> str:
    """Make a random key for sealing."""
    return Fernet.generate_key().decode()


class Sealer:
    """Encrypts texts so that a stolen database does not show them (Fernet: AES-128-CBC, HMAC)."""

    def __init__(self, keys: Sequence[str]) -> None:
        """The first key seals, every key opens; raises ValueError when one is not a key."""
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def seal(self, text: str) -> bytes:
        """Encrypt a text; raises SecretKeyMissing when there is no key."""
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt a text; raises SecretLost when no key opens it."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """Encrypt bytes; raises SecretKeyMissing when there is no key."""
        return self._existing().encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Decrypt bytes; raises SecretLost when no key opens them."""
        try:
            return self._existing().decrypt(sealed)
        except InvalidToken:
            raise SecretLost("No key of NEXTLEAD_SECRET_KEYS opens it; set it anew.") from None

    def _existing(self) -> MultiFernet:
        if self._fernet is None:
            raise SecretKeyMissing("Set NEXTLEAD_SECRET_KEYS; `nextlead keys seal` makes one.")
        return self._fernet


class Fingerprints:
    """Keyed hashes (HMAC-SHA-256) of values that must not be stored, such as telephone numbers.

    Without the key nobody can find a value by trying all of them.
    """

    PURPOSE = b"nextlead: what was erased"

    def __init__(self, secrets: Sequence[str]) -> None:
        """The first secret makes new hashes; hashes of the other secrets are still recognised."""
        self._keys = [hmac.digest(item.encode(), self.PURPOSE, "sha256") for item in secrets]

    def of(self, text: str) -> bytes:
        """The hash to store, 32 bytes; raises SecretKeyMissing."""
        if not self._keys:
            raise SecretKeyMissing("Set NEXTLEAD_ERASURE_KEY or NEXTLEAD_SECRET_KEYS.")
        return self.known_as(text)[0]

    def known_as(self, text: str) -> list[bytes]:
        """All hashes under which the text may be stored; none without a key."""
        return [hmac.digest(key, text.encode(), "sha256") for key in self._keys]
