"""PKCE (RFC 7636): only the browser that began a sign-in can finish it."""

import base64
import hashlib


def challenge_of(verifier: str) -> str:
    """The challenge of a verifier, by the method S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
