"""Subscriptions: addresses, wanted events, and the sealed secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from service.leads.errors import SubscriptionNotFound
from service.storage.database import Connection
from service.storage.events.subscription_tables import event_deliveries, subscriptions
from service.storage.rows import Row

MOST = 50
CHANGED = ("url", "types", "queue", "active", "personal", "changed_at")


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """The events that a receiver wants, and its address; `types` may have `*` and `lead.*`.

    A `personal` subscription gets the client's data too.
    """

    name: str
    url: str
    types: tuple[str, ...]
    queue: str | None = None
    active: bool = True
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """A stored subscription; its secrets are sealed.

    `disabled_for` says why the receiver ended it, `last_failure` why the last failed try failed.
    """

    wanted: SubscriptionSpec
    secret: bytes
    secret_before: bytes | None
    before_until: datetime | None
    created_at: datetime
    changed_at: datetime
    paused_until: datetime | None
    disabled_for: str | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str | None

    def sealed_secrets(self, now: datetime) -> list[bytes]:
        """The secrets to sign with at a moment, the newest first."""
        before, until = self.secret_before, self.before_until
        still = before is not None and until is not None and now < until
        return [self.secret, before] if still and before is not None else [self.secret]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events of a subscription are pending, and how many are dead."""

    pending: int
    dead: int


async def put_subscription(
    connection: Connection, wanted: SubscriptionSpec, secret: bytes, now: datetime
) -> bool:
    """Add a subscription, or change what it wants.

    After a change its secret stays, and a pause or an end that the receiver asked for is over.
    Returns whether it is new.
    """
    statement = insert(subscriptions).values(
        name=wanted.name,
        url=wanted.url,
        types=list(wanted.types),
        queue=wanted.queue,
        active=wanted.active,
        personal=wanted.personal,
        secret=secret,
        created_at=now,
        changed_at=now,
    )
    changed = {name: statement.excluded[name] for name in CHANGED}
    fresh = {"disabled_for": None, "paused_until": None}
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={**changed, **fresh})
    # a subscription that was there keeps its secret
    is_new = await connection.scalar(statement.returning(subscriptions.c.secret == secret))
    return bool(is_new)


async def count_subscriptions(connection: Connection) -> int:
    """How many there are; nobody can add one until the transaction ends."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("subscriptions"))))
    return await connection.scalar(select(func.count()).select_from(subscriptions)) or 0


async def find_subscription(connection: Connection, name: str) -> Subscription:
    """A subscription; raises SubscriptionNotFound."""
    statement = select(subscriptions).where(subscriptions.c.name == name)
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        raise _not_found(name)
    return subscription_of(row)


async def list_subscriptions(connection: Connection) -> list[Subscription]:
    """Every subscription, by name."""
    statement = select(subscriptions).order_by(subscriptions.c.name).limit(MOST)
    return [subscription_of(row) for row in (await connection.execute(statement)).mappings()]


async def backlog_of(connection: Connection, names: Sequence[str]) -> dict[str, Backlog]:
    """The pending and dead events of subscriptions."""
    which, state = event_deliveries.c.subscription, event_deliveries.c.state
    statement = (
        select(which, state, func.count())
        .where(which.in_(names), state.in_(("pending", "dead")))
        .group_by(which, state)
    )
    counts = {(name, of): count for name, of, count in await connection.execute(statement)}
    return {
        name: Backlog(counts.get((name, "pending"), 0), counts.get((name, "dead"), 0))
        for name in names
    }


async def delete_subscription(connection: Connection, name: str) -> None:
    """Delete a subscription with its deliveries; raises SubscriptionNotFound."""
    statement = delete(subscriptions).where(subscriptions.c.name == name)
    if (await connection.execute(statement)).rowcount == 0:
        raise _not_found(name)


async def replace_secret(
    connection: Connection, name: str, secret: bytes, now: datetime, before_until: datetime
) -> None:
    """Sign with a new secret; the previous one also signs until `before_until`.

    Raises SubscriptionNotFound.
    """
    changed = {
        "secret": secret,
        "secret_before": subscriptions.c.secret,
        "before_until": before_until,
        "changed_at": now,
    }
    statement = update(subscriptions).where(subscriptions.c.name == name).values(changed)
    if (await connection.execute(statement)).rowcount == 0:
        raise _not_found(name)


def subscription_of(row: Row) -> Subscription:
    """A subscription from its row."""
    return Subscription(
        wanted=SubscriptionSpec(
            row["name"],
            row["url"],
            tuple(row["types"]),
            row["queue"],
            row["active"],
            row["personal"],
        ),
        **{name: row[name] for name in Subscription.__dataclass_fields__ if name != "wanted"},
    )


def _not_found(name: str) -> SubscriptionNotFound:
    return SubscriptionNotFound(f"No subscription is called `{name}`.")
