"""Secrets at rest, sealed and opened only for use; and hashes that only we can make."""

import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from service.leads.errors import SecretKeyMissing, SecretLost


def new_key() -> str:
    """A fresh random key to seal with."""
    return Fernet.generate_key().decode()


class Sealer:
    """Seals texts so that a stolen database does not show them (Fernet: AES-128-CBC and HMAC)."""

    def __init__(self, keys: Sequence[str]) -> None:
        """The first key seals, every one opens; raises ValueError for what is no key."""
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def seal(self, text: str) -> bytes:
        """The text, unreadable; raises SecretKeyMissing when there is no key to seal with."""
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        """The text again; raises SecretLost when no key of ours opens it."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """Bytes, unreadable; raises SecretKeyMissing when there is no key to seal with."""
        return self._existing().encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """The bytes again; raises SecretLost when no key of ours opens them."""
        try:
            return self._existing().decrypt(sealed)
        except InvalidToken:
            raise SecretLost("No key of NEXTLEAD_SECRET_KEYS opens it; set it anew.") from None

    def _existing(self) -> MultiFernet:
        if self._fernet is None:
            raise SecretKeyMissing("Set NEXTLEAD_SECRET_KEYS; `nextlead keys seal` makes one.")
        return self._fernet


class Fingerprints:
    """Keyed hashes (HMAC-SHA-256) of what is not to be kept itself: a telephone number, say.

    Without the key nobody can try all numbers until one fits.
    """

    PURPOSE = b"nextlead: what was erased"

    def __init__(self, secrets: Sequence[str]) -> None:
        """The first secret makes new ones; those made by the others are known, too."""
        self._keys = [hmac.digest(item.encode(), self.PURPOSE, "sha256") for item in secrets]

    def of(self, text: str) -> bytes:
        """The hash that is stored, 32 bytes; raises SecretKeyMissing."""
        if not self._keys:
            raise SecretKeyMissing("Set NEXTLEAD_ERASURE_KEY or NEXTLEAD_SECRET_KEYS.")
        return self.known_as(text)[0]

    def known_as(self, text: str) -> list[bytes]:
        """The hashes by which it may have been stored; none without a key."""
        return [hmac.digest(key, text.encode(), "sha256") for key in self._keys]
