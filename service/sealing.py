"""Secrets at rest: sealed with a key from the settings, opened only for use."""

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
