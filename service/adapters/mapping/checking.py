"""Checks the proof that a mapping asks for."""

from datetime import timedelta
from typing import Any

from service.adapters import signatures
from service.adapters.delivery import Delivery
from service.adapters.mapping.document import MappingDocument
from service.adapters.mapping.paths import Path, Scene, find
from service.adapters.mapping.proofs import (
    ByAddress,
    ByBasic,
    ByBearer,
    ByHashOfFields,
    ByHmac,
    ByHmacOfFields,
    ByStandard,
    ByToken,
    Placed,
)
from service.adapters.mapping.scenes import scene_of
from service.adapters.source import Source
from service.adapters.standard import standard_signature
from service.leads.errors import Unreadable

BYTES = ("utf-8", "surrogateescape")


def needs_secret(mapping: MappingDocument) -> bool:
    """Whether no request can be accepted without the source's `secret`."""
    return not isinstance(mapping.auth, ByAddress) and not mapping.auth.optional


def check_proof(mapping: MappingDocument, delivery: Delivery, source: Source) -> None:
    """Raise NotAuthentic, and nothing else, unless the proof is present and right."""
    proof, secrets = mapping.auth, source.secret("secret")
    if isinstance(proof, ByAddress) or (proof.optional and not secrets):
        return
    match proof:
        case ByBearer():
            signatures.check_bearer(delivery, secrets)
        case ByBasic():
            signatures.check_basic(delivery, secrets)
        case ByStandard():
            standard_signature.verify(delivery, secrets)
        case ByHmac():
            _check_hmac(proof, delivery, secrets)
        case ByToken() | ByHmacOfFields() | ByHashOfFields():
            _check_fields(proof, mapping, delivery, source)


def _check_hmac(proof: ByHmac, delivery: Delivery, secrets: tuple[str, ...]) -> None:
    before = b""
    if proof.timestamp is not None:
        raw = delivery.header(proof.timestamp)
        window = timedelta(seconds=proof.window_seconds)
        signatures.check_time(raw, delivery.received_at, window)
        before = f"{raw}.".encode()
    signatures.check_body(
        delivery,
        [secret for secret in secrets if secret],
        proof.header,
        algorithm=proof.algorithm,
        encoding=proof.encoding,
        prefix=proof.prefix,
        before=before,
    )


def _check_fields(
    proof: ByToken | ByHmacOfFields | ByHashOfFields,
    mapping: MappingDocument,
    delivery: Delivery,
    source: Source,
) -> None:
    scene = _scene(mapping, delivery)
    if isinstance(proof, ByHmacOfFields) and proof.timestamp is not None:
        window = timedelta(seconds=proof.window_seconds)
        signatures.check_time(_exact(proof.timestamp, scene), delivery.received_at, window)
    expected = [proof.prefix + item for item in _expected(proof, scene, source)]
    signatures.check_any(_given(proof, delivery, scene), expected, "token or signature")


def _expected(
    proof: ByToken | ByHmacOfFields | ByHashOfFields, scene: Scene, source: Source
) -> list[str]:
    secrets = [secret for secret in source.secret("secret") if secret]
    if isinstance(proof, ByToken):
        return secrets
    fields = "".join(_exact(path, scene) for path in proof.fields)
    if isinstance(proof, ByHashOfFields):
        salts = source.secret("salt") or ("",)
        texts = [secret + fields + salt for secret in secrets for salt in salts]
        return [signatures.hash_of(text) for text in texts]
    message = fields.encode(*BYTES)
    return [signatures.sign(message, item, proof.algorithm, proof.encoding) for item in secrets]


def _scene(mapping: MappingDocument, delivery: Delivery) -> Scene:
    try:
        return scene_of(mapping.body, delivery)
    except Unreadable:
        # A proof in a header may still be right: then the delivery is stored for inspection.
        return Scene(None, None, {})


def _given(proof: Placed, delivery: Delivery, scene: Scene) -> str | None:
    if proof.header is not None:
        return delivery.header(proof.header)
    return _exact(proof.path, scene) if proof.path is not None else None


def _exact(path: Path, scene: Scene) -> str:
    """A text as it was sent, blanks included, because a signature covers them."""
    value: Any = find(path, scene)
    return str(value) if isinstance(value, str | int | float) else ""
