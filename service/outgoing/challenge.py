"""PKCE (RFC 7636): only who began to sign in can end it."""

import base64
import hashlib


def challenge_of(verifier: str) -> str:
    """What is shown of a verifier beforehand, by the method S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
