"""Subscriptions to events: receivers, and deliveries that failed."""

from typing import Annotated

from fastapi import Path, Query, Response

from service.api.dependencies import KeyOf, ResourcesOf, needs, strict_router
from service.api.events import subscription_answers as given
from service.api.events.subscription_answers import (
    EventDeliveriesOut,
    EventDeliveryOut,
    SecretSubscriptionOut,
    SentAnewOut,
    SubscriptionChangeIn,
    SubscriptionIn,
    SubscriptionOut,
    SubscriptionsOut,
    TestedOut,
)
from service.api.leads.lead_rendering import answer
from service.flows.events.change_subscription import (
    change_subscription,
    remove_subscription,
    rotate_secret,
)
from service.flows.events.send_events import send_test
from service.flows.events.view_subscriptions import (
    replay_delivery,
    replay_given_up,
    view_deliveries,
    view_subscription,
    view_subscriptions,
)
from service.leads.errors import (
    DeliveryNotFound,
    InvalidRequest,
    SecretKeyMissing,
    SubscriptionNotFound,
    Unanswered,
)
from service.schemas.fields import QueueName
from service.storage.api_keys import Key
from service.storage.events.event_replay import State

router = strict_router("subscriptions")

NEWEST = 2**63 - 1

InPath = Annotated[QueueName, Path()]  # a subscription is named as a queue is
Number = Annotated[int, Path(ge=1, le=NEWEST)]


@router.get("", response_model=SubscriptionsOut, openapi_extra=needs("read"))
async def list_subscriptions(resources: ResourcesOf, key: KeyOf) -> Response:
    """All subscriptions, with the state of their deliveries."""
    found = await view_subscriptions(resources)
    shown = [given.subscription(item, whole=_may_see_addresses(key)) for item in found]
    return answer({"subscriptions": shown})


@router.get(
    "/{subscription}",
    response_model=SubscriptionOut,
    openapi_extra=needs("read", raises=(SubscriptionNotFound,)),
)
async def get_subscription(resources: ResourcesOf, key: KeyOf, subscription: InPath) -> Response:
    """One subscription."""
    found = await view_subscription(resources, subscription)
    return answer(given.subscription(found, whole=_may_see_addresses(key)))


@router.put(
    "/{subscription}",
    response_model=SecretSubscriptionOut,
    responses={201: {"model": SecretSubscriptionOut, "description": "The subscription is new."}},
    openapi_extra=needs("admin", raises=(SecretKeyMissing,)),
)
async def put_subscription(
    resources: ResourcesOf, key: KeyOf, subscription: InPath, sent: SubscriptionIn
) -> Response:
    """Subscribe to events from now on. The answer to a new subscription shows its secret once.

    A change resumes the sending: pauses end, and a subscription that its receiver ended is active
    again.
    """
    wanted = sent.to_wanted(subscription)
    secret = await change_subscription(resources, wanted, key.name)
    shown = await _with_secret(resources, subscription, secret)
    return answer(shown, 200 if secret is None else 201)


@router.patch(
    "/{subscription}",
    response_model=SubscriptionOut,
    openapi_extra=needs("admin", raises=(SubscriptionNotFound,)),
)
async def update_subscription(
    resources: ResourcesOf, key: KeyOf, subscription: InPath, sent: SubscriptionChangeIn
) -> Response:
    """Change some fields of a subscription. Fields left out stay. The sending resumes."""
    existing = await view_subscription(resources, subscription)
    await change_subscription(resources, sent.over(existing.subscription.wanted), key.name)
    changed = await view_subscription(resources, subscription)
    return answer(given.subscription(changed, whole=True))


@router.delete(
    "/{subscription}", status_code=204, openapi_extra=needs("admin", raises=(SubscriptionNotFound,))
)
async def delete_subscription(resources: ResourcesOf, key: KeyOf, subscription: InPath) -> Response:
    """Delete a subscription; its pending events are dropped."""
    await remove_subscription(resources, subscription, key.name)
    return Response(status_code=204)


@router.post(
    "/{subscription}/rotate",
    response_model=SecretSubscriptionOut,
    openapi_extra=needs("admin", raises=(SubscriptionNotFound,)),
)
async def rotate_subscription_secret(
    resources: ResourcesOf, key: KeyOf, subscription: InPath
) -> Response:
    """Make a new secret, shown only this once. The old secret also signs for 24 hours."""
    secret = await rotate_secret(resources, subscription, key.name)
    return answer(await _with_secret(resources, subscription, secret))


@router.post(
    "/{subscription}/test",
    response_model=TestedOut,
    openapi_extra=needs("admin", raises=(SubscriptionNotFound,)),
)
async def send_test_event(resources: ResourcesOf, subscription: InPath) -> Response:
    """Send one event of the type `subscription.test` now, and answer how the receiver answered."""
    try:
        status = (await send_test(resources, subscription)).status
    except (Unanswered, InvalidRequest) as error:
        return answer({"delivered": False, "status": None, "error": str(error)})
    delivered = 200 <= status < 300
    why = None if delivered else f"It answered {status}."
    return answer({"delivered": delivered, "status": status, "error": why})


@router.get(
    "/{subscription}/deliveries",
    response_model=EventDeliveriesOut,
    openapi_extra=needs("read", raises=(SubscriptionNotFound,)),
)
async def list_event_deliveries(
    resources: ResourcesOf,
    subscription: InPath,
    state: State = "dead",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int, Query(ge=1, le=NEWEST)] = NEWEST,
) -> Response:
    """List failed, pending or delivered events. They are kept for 30 days, delivered ones for 3."""
    found = await view_deliveries(resources, subscription, state, before=cursor, limit=limit)
    more = str(found[-1].id) if len(found) == limit else None
    return answer({"deliveries": [given.delivery(item) for item in found], "next": more})


@router.post(
    "/{subscription}/deliveries/{number}/replay",
    response_model=EventDeliveryOut,
    openapi_extra=needs("admin", raises=(DeliveryNotFound, SubscriptionNotFound)),
)
async def replay_event_delivery(
    resources: ResourcesOf, subscription: InPath, number: Number
) -> Response:
    """Send one event again under the same id. A pending event needs no replay."""
    return answer(given.delivery(await replay_delivery(resources, subscription, number)))


@router.post(
    "/{subscription}/replay",
    response_model=SentAnewOut,
    openapi_extra=needs("admin", raises=(SubscriptionNotFound,)),
)
async def replay_dead_events(resources: ResourcesOf, subscription: InPath) -> Response:
    """Send failed events again, the oldest first, at most 1000 at a time."""
    return answer({"deliveries": await replay_given_up(resources, subscription)})


async def _with_secret(resources: ResourcesOf, name: str, secret: str | None) -> dict[str, object]:
    ranking = await view_subscription(resources, name)
    return {**given.subscription(ranking, whole=True), "secret": secret}


def _may_see_addresses(key: Key) -> bool:
    return "admin" in key.scopes
