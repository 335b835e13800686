"""Settings from outside: `NEXTLEAD_*` environment variables, read once."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "NEXTLEAD_"

OF_A_CLUSTER = re.compile(
    r"NEXTLEAD_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)"
)
SEALING_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
ShortName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{0,32}:?$")]


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """A line for each variable with our prefix that is no setting.

    Variables that Kubernetes adds for a service called nextlead are skipped.
    """
    seen_before = [name.upper() for name in Settings.model_fields]
    ours = (name for name in environment if name.upper().startswith(PREFIX))
    unknown = (name for name in ours if name.upper().removeprefix(PREFIX) not in seen_before)
    return [
        f"{name} is no setting and changes nothing{_meant(name, seen_before)}."
        for name in sorted(unknown)
        if not OF_A_CLUSTER.fullmatch(name)
    ]


def _meant(name: str, seen_before: list[str]) -> str:
    close = get_close_matches(name.upper().removeprefix(PREFIX), seen_before, n=1)
    return f"; {PREFIX}{close[0]} may be meant" if close else ""


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL ≥ 15, `postgresql://…` or `postgres://…`; unset: an embedded one",
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis ≥ 6.2 or Valkey ≥ 8, `redis://…`; unset: an embedded one"
    )
    data_dir: Path = Field(Path(".nextlead"), description="where the embedded servers keep data")
    dev_key: SecretStr | None = Field(
        None, description="the key of `nextlead dev`, at least 16 characters; unset: a random one"
    )
    secret_keys: SecretStr | None = Field(
        None,
        description="keys that secrets of sources and subscriptions are kept with, the newest "
        "first, with commas; unset: `dev` makes one in the data directory",
    )
    erasure_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="the secret, at least 32 characters, of the hashes by which erased clients are"
        " known; unset: derived from the first of `secret_keys`",
    )
    public_url: str | None = Field(
        None,
        pattern="^https?://[^/?#]+(/[^?#]*[^/?#])?$",
        description="the address that senders know this service by, `https://leads.shop.ru`",
    )
    trusted_proxies: str = Field(
        "",
        max_length=2000,
        description="addresses and networks of proxies whose `Forwarded` and `X-Forwarded-For` are"
        " believed, with commas",
    )
    unproven_per_second: float = Field(
        20.0,
        gt=0,
        le=1_000_000,
        description="requests without a valid key or signature that one address may send a second",
    )
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^(https://[^?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^?#]*)?)$",
        description="an OpenID Connect provider where people sign in; unset: by key or link only",
    )
    oidc_client_id: str | None = Field(
        None, max_length=200, description="what this service is called at the provider"
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="its secret there; unset: a public client"
    )
    oidc_roles: dict[str, Literal["operator", "supervisor", "head"]] = Field(
        {},
        description="who may what, by the values of a claim, in JSON:"
        ' `{"sales": "operator", "heads": "head"}`',
    )
    oidc_queues: dict[str, Annotated[list[str], Field(min_length=1, max_length=100)]] = Field(
        {},
        description="who is for some queues alone, by the values of the same claim, in JSON:"
        ' `{"north": ["spb"]}`',
    )
    oidc_roles_claim: str = Field("groups", description="the claim that has these values")
    oidc_operator_claim: str = Field(
        "preferred_username", description="the claim that is the operator's name here"
    )
    private_addresses: bool = Field(
        False, description="events may be sent to addresses of private networks"
    )
    keep_deliveries_days: int = Field(
        30, ge=1, le=365, description="how long webhooks that were read are kept"
    )
    redis_prefix: ShortName = Field("", description="put before every key in Redis")
    hot_connections: int = Field(4, ge=1, le=100, description="connections for hot statements")
    cold_connections: int = Field(8, ge=4, le=100, description="connections for everything else")
    redis_seconds: float = Field(
        1.0, gt=0, le=30, description="how long Redis may take before claims go on from Postgres"
    )
    start_seconds: float = Field(
        30.0, ge=0, le=600, description="how long the database is waited for at the start"
    )
    tick_seconds: float = Field(
        1.0, gt=0, le=60, description="how often leases, callbacks and changes are looked through"
    )
    reservation_seconds: float = Field(
        5.0, ge=1, le=60, description="how long the line keeps a lead that no claim confirms"
    )
    worker_silence_seconds: int = Field(
        60,
        ge=1,
        le=3600,
        description="how long a worker of `serve --workers` may be silent, as it is while it"
        " starts, before it is ended and another one started",
    )
    max_waiters: int = Field(
        10_000,
        ge=1,
        le=100_000,
        description="operators and queues whose long polls and streams a process holds open",
    )
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="a port of 127.0.0.1 where `/metrics` needs no key; unset: none",
    )
    traces: bool = Field(
        False,
        description="record spans with OpenTelemetry (`nextlead[otel]`), sent as its variables"
        " says",
    )
    docs: bool = Field(False, description="serve /docs and /openapi.json, which need no key")
    access_log: bool = Field(True, description="log a line for each request")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info")

    def sealing_keys(self) -> tuple[str, ...]:
        """The keys of `secret_keys`, newest first; none when it is unset."""
        given = self.secret_keys.get_secret_value() if self.secret_keys else ""
        return tuple(key for item in given.split(",") if (key := item.strip()))

    def hashing_secrets(self) -> tuple[str, ...]:
        """The secrets of hashes of erased clients: `erasure_key` first, if it is set."""
        own = () if self.erasure_key is None else (self.erasure_key.get_secret_value(),)
        return (*own, *self.sealing_keys())

    @field_validator("secret_keys")
    @classmethod
    def _are_keys(cls, keys: SecretStr | None) -> SecretStr | None:
        for key in (keys.get_secret_value() if keys else "").split(","):
            if key.strip() and not SEALING_KEY.fullmatch(key.strip()):
                raise ValueError("each must be a key as `nextlead keys seal` makes them")
        return keys

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in ("postgresql", "postgres"):
            raise ValueError("it must begin with postgresql:// or postgres://")
        try:
            _ = urlsplit(f"postgresql://{rest}").port
        except ValueError:
            raise ValueError(
                "it is no address: write it like postgresql://user:password@host:5432/database,"
                " with # / ? @ : and % in a password as %23 %2F %3F %40 %3A %25"
            ) from None
        return SecretStr(f"postgresql://{rest}")

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: SecretStr | None) -> SecretStr | None:
        existing = ("redis://", "rediss://", "unix://", "valkey://", "valkeys://")
        if url is not None and not url.get_secret_value().startswith(existing):
            raise ValueError(f"it must begin with one of {', '.join(existing)}")
        return url

    @field_validator("dev_key")
    @classmethod
    def _is_long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < 16:
            raise ValueError("it must have at least 16 characters")
        return key
