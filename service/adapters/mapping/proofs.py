"""The proofs that a mapping can ask for.

The address of a mapping's source is always secret. These proofs come on top.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from service.adapters.mapping.fields import HeaderName, MappingPart, PathText, Text, mistake
from service.adapters.signatures import Algorithm, Encoding

Window = Annotated[int, Field(ge=30, le=7 * 86_400, strict=True)]
Parts = Annotated[list[PathText], Field(min_length=1, max_length=10)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ByAddress(MappingPart):
    """No proof: only the sender knows the address."""

    scheme: Literal["address"]


class Secret(MappingPart):
    """A proof with the source's `secret`."""

    optional: bool = Field(
        False, description="checked only when the source has a secret; else the address suffices"
    )


class Placed(Secret):
    """A proof in a header or in a field."""

    header: HeaderName | None = None
    path: PathText | None = None
    prefix: Text = Field("", description="text before it, for example `Bearer `")

    @model_validator(mode="after")
    def _stands_in_one_place(self) -> Self:
        if (self.header is None) == (self.path is None):
            raise mistake("it needs exactly one place", "Give header, or path.")
        return self


class ByToken(Placed):
    """A text equal to the secret."""

    scheme: Literal["token"]


class ByBearer(Secret):
    """`Authorization: Bearer …`."""

    scheme: Literal["bearer"]


class ByBasic(Secret):
    """`Authorization: Basic …`; the secret is `user:password`."""

    scheme: Literal["basic"]


class ByHmac(Secret):
    """A header with the HMAC of the raw body, or of `timestamp.body`."""

    scheme: Literal["hmac"]
    header: HeaderName
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    prefix: Text = ""
    timestamp: HeaderName | None = Field(
        None, description="the header with a Unix time, signed before the body"
    )
    window_seconds: Window = 300


class ByHmacOfFields(Placed):
    """The HMAC of fields, joined without a separator."""

    scheme: Literal["hmac_of_fields"]
    fields: Parts
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    timestamp: PathText | None = Field(None, description="the field with a Unix time")
    window_seconds: Window = 300


class ByHashOfFields(Placed):
    """The hex SHA-256 of the secret, the fields and the `salt`, joined."""

    scheme: Literal["hash_of_fields"]
    fields: Parts


class ByStandard(Secret):
    """Standard Webhooks 1.0."""

    scheme: Literal["standard"]


Proof = Annotated[
    ByAddress
    | ByToken
    | ByBearer
    | ByBasic
    | ByHmac
    | ByHmacOfFields
    | ByHashOfFields
    | ByStandard,
    Field(discriminator="scheme"),
]
