"""Events arrive: which, in what order, signed how, and again when they were not taken."""

import asyncio
from datetime import datetime, timedelta

import pytest
from api.doors import until
from driven_clock import DrivenClock
from flows.events.event_stories import (
    deliveries,
    ids_told,
    reported,
    send_all,
    subscribe,
    types_by_lead,
    types_told,
    verify,
)
from open_always import open_always
from outgoing.receiver import Answer, Receiver, receiving
from standardwebhooks.webhooks import WebhookVerificationError
from stories import Receive, settle, take

from service.background_task import background_task
from service.flows.claims.release_claim import release_claim
from service.flows.events.change_subscription import change_subscription, rotate_secret
from service.flows.events.send_events import (
    AT_ONCE,
    forget_old_deliveries,
    names_due,
    pass_events_on,
    send_due,
)
from service.flows.events.view_subscriptions import view_subscription
from service.flows.operators.change_queue import QueueRequest, change_queue
from service.flows.policies.change_policy import Revision, change_policy
from service.leads.lead import Lead
from service.leads.retries import MAX_TRIES
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.storage.events.event_deliveries import LEASE, Ending, end_tries, take_due
from service.storage.events.subscriptions import SubscriptionSpec


async def release(shop: Resources, lead: Lead) -> Lead:
    assert lead.claim is not None
    return await release_claim(shop, lead.id, lead.claim.token, "later")


async def test_what_happens_to_a_lead_is_told_in_order(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "*")
    lead = await receive()
    lost = Settlement(Outcome.LOST, reason="дорого", note="тайное слово")
    await settle(shop, await take(shop, "anna"), lost)
    await send_all(shop)
    assert types_told(receiver) == ["lead.received", "lead.claimed", "lead.settled"]
    received, claimed, settled = (item["data"] for item in reported(receiver))
    assert received == {
        "id": ids_told(receiver)[0],
        "lead_id": str(lead.id),
        "queue": "main",
        "kind": "chat",
        "channel": "whatsapp",
        "source": lead.signal.source,
        "external_id": None,
        "state_before": None,
        "state_after": "waiting",
        "actor": "tests",
        "reason": None,
        "details": {},
    }
    assert (claimed["actor"], claimed["state_after"], claimed["details"]) == ("anna", "claimed", {})
    assert (settled["reason"], settled["details"]) == ("дорого", {"outcome": "lost"})
    assert "тайное" not in receiver.requests[-1].body.decode()


async def test_every_message_is_as_standard_webhooks_wants_it(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    clock.moment = await shop.stores.database.now()
    secret = await subscribe(shop, receiver, "lead.received")
    lead = await receive(customer=None, text="+79161234567 Ирина")
    await send_all(shop)
    (request,) = receiver.requests
    verify(secret, receiver)
    with pytest.raises(WebhookVerificationError):
        verify("whsec_" + "A" * 32, receiver)
    (message,) = reported(receiver)
    assert set(message) == {"type", "timestamp", "data"}
    assert datetime.fromisoformat(message["timestamp"]) == lead.created_at
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("nextlead/")
    assert "." not in request.headers["webhook-id"]
    assert len(request.body) < 20_000
    assert "Ирина" not in request.body.decode()
    assert "7916" not in request.body.decode()


@pytest.mark.parametrize(
    ("types", "inbound"),
    [
        (("*",), ["lead.received", "lead.claimed", "lead.released"]),
        (("lead.*",), ["lead.received", "lead.claimed", "lead.released"]),
        (("lead.claimed", "lead.late"), ["lead.claimed"]),
        (("message.*", "policy.changed"), []),
    ],
)
async def test_only_what_was_asked_for_is_told(
    shop: Resources,
    receiver: Receiver,
    receive: Receive,
    types: tuple[str, ...],
    inbound: list[str],
) -> None:
    await subscribe(shop, receiver, *types)
    await receive()
    await release(shop, await take(shop, "anna"))
    await send_all(shop)
    assert types_told(receiver) == inbound


async def test_what_happened_before_the_subscription_is_not_told(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await receive()
    await subscribe(shop, receiver)
    await send_all(shop)
    assert receiver.requests == []


async def test_a_subscription_to_one_queue_hears_of_no_other(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await change_queue(shop, QueueRequest("north", "North", "RUB", "Europe/Moscow"), "tests")
    await subscribe(shop, receiver, queue="north")
    await receive()
    await receive(queue="north")
    await send_all(shop)
    assert [item["data"]["queue"] for item in reported(receiver)] == ["north"]


async def test_what_happens_to_a_queue_is_told_without_notes(
    shop: Resources, receiver: Receiver
) -> None:
    await subscribe(shop, receiver, "policy.changed")
    text = open_always().replace("lease_seconds: ", "lease_seconds: 1")
    await change_policy(shop, Revision("main", "head", 1, "из-за Ирины"), text)
    await send_all(shop)
    (message,) = reported(receiver)
    assert message["type"] == "policy.changed"
    data = message["data"]
    assert (data["queue"], data["actor"], data["details"]) == ("main", "head", {"version": 2})
    assert "lead_id" not in data


async def test_a_client_who_did_not_answer_is_to_be_written_to(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "message.due")
    await receive()
    no_answer = Settlement(Outcome.NO_ANSWER, note="не берёт трубку")
    await settle(shop, await take(shop, "anna"), no_answer)
    await send_all(shop)
    (message,) = reported(receiver)
    assert message["data"]["details"] == {
        "preferred": "whatsapp",
        "known": [],
        "tries": 1,
        "last": False,
    }


async def test_events_of_a_lead_keep_their_order_while_one_fails(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver)
    troubled = await receive(text="first")
    await release(shop, await take(shop, "anna"))
    other = await receive(text="second", external_id="another")
    refused = str(troubled.id).encode()
    receiver.answers = lambda request: Answer(500 if refused in request.body else 200)
    await send_all(shop)
    assert types_by_lead(receiver) == {
        str(troubled.id): ["lead.received"],
        str(other.id): ["lead.received"],
    }
    receiver.says()
    await send_all(shop)
    assert len(receiver.requests) == 2, "it is not tried again before its time"
    clock.pass_by(seconds=6)
    await send_all(shop)
    assert types_by_lead(receiver)[str(troubled.id)] == [
        *("lead.received", "lead.received", "lead.claimed", "lead.released"),
    ]
    assert {state for _, state, _ in await deliveries(shop)} == {"delivered"}


async def test_a_post_that_hangs_holds_up_nothing_but_its_own_lead(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "lead.received", "lead.claimed")
    hanging = await receive(external_id="hangs")
    await take(shop, "anna")
    for number in range(2 * AT_ONCE):
        await receive(external_id=f"lead {number}")
    stuck = str(hanging.id).encode()
    receiver.answers = lambda request: Answer(hangs=stuck in request.body)
    await pass_events_on(shop)
    async with background_task(send_due(shop, "crm")):
        await until(lambda: len(receiver.requests) == 2 * AT_ONCE + 1)
    assert types_by_lead(receiver)[str(hanging.id)] == ["lead.received"]


async def test_a_try_again_has_the_same_id_and_a_time_and_signature_of_its_own(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    clock.moment = await shop.stores.database.now() - timedelta(seconds=10)
    secret = await subscribe(shop, receiver, "lead.received")
    await receive()
    receiver.says(500)
    await send_all(shop)
    clock.pass_by(seconds=10)
    await send_all(shop)
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    for name in ("webhook-timestamp", "webhook-signature"):
        assert first.headers[name] != second.headers[name]
    verify(secret, receiver, 0)
    verify(secret, receiver, 1)


async def test_after_a_day_it_is_given_up_and_the_next_of_the_lead_goes_on(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver, "lead.received", "lead.claimed")
    await receive()
    await take(shop, "anna")
    receiver.answers = lambda request: Answer(500 if b"lead.received" in request.body else 200)
    began, last = clock.now(), clock.now()
    while await pending_first(shop) == "pending":
        await send_all(shop)
        last = clock.now()
        clock.pass_by(minutes=1 if len(receiver.requests) < 4 else 20)
    assert types_told(receiver) == ["lead.received"] * MAX_TRIES + ["lead.claimed"]
    assert timedelta(hours=24) <= last - began < timedelta(hours=25)
    assert await deliveries(shop) == [
        ("lead.received", "dead", MAX_TRIES),
        ("lead.claimed", "delivered", 1),
    ]
    ranking = await view_subscription(shop, "crm")
    assert (ranking.backlog.pending, ranking.backlog.dead) == (0, 1)
    assert ranking.subscription.last_failure == "It answered 500."


async def pending_first(shop: Resources) -> str:
    found = await deliveries(shop)
    return found[0][1] if found else "pending"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 413, 500])
async def test_whatever_is_not_2xx_is_tried_again(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock, status: int
) -> None:
    await subscribe(shop, receiver, "lead.received")
    await receive()
    receiver.answers = lambda _: Answer(status, {"Location": receiver.url})
    await send_all(shop)
    assert await deliveries(shop, "state, attempts, last_status") == [("pending", 1, status)]
    assert len(receiver.requests) == 1
    receiver.says(204)
    clock.pass_by(seconds=6)
    await send_all(shop)
    assert await deliveries(shop, "state, last_status") == [("delivered", 204)]


async def test_who_is_gone_is_told_nothing_more_until_he_is_put_anew(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver, "lead.received", "lead.claimed")
    await receive()
    await take(shop, "anna")
    receiver.says(410)
    await send_all(shop)
    await receive(external_id="while it was gone")
    await send_all(shop)
    assert types_told(receiver) == ["lead.received"]
    found = (await view_subscription(shop, "crm")).subscription
    assert not found.wanted.active
    assert "410" in (found.disabled_for or "")
    assert await deliveries(shop) == [
        ("lead.received", "pending", 1),
        ("lead.claimed", "pending", 0),
    ]
    clock.pass_by(days=2)
    await subscribe(shop, receiver, "lead.received", "lead.claimed")
    await send_all(shop)
    assert types_told(receiver) == ["lead.received", "lead.received", "lead.claimed"]
    assert (await view_subscription(shop, "crm")).subscription.disabled_for is None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_who_asks_for_it_is_left_alone_for_as_long_as_he_says(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock, status: int
) -> None:
    await subscribe(shop, receiver, "lead.received")
    receiver.answers = lambda _: Answer(status, {"Retry-After": "3600"})
    await receive()
    await send_all(shop)
    await receive(external_id="another lead")
    receiver.says()
    clock.pass_by(minutes=59)
    await send_all(shop)
    assert len(receiver.requests) == 1
    clock.pass_by(minutes=2)
    await send_all(shop)
    assert len(receiver.requests) == 3


@pytest.mark.parametrize("status", [410, 429])
async def test_what_is_answered_to_a_try_of_before_the_change_binds_nobody(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock, status: int
) -> None:
    await subscribe(shop, receiver, "lead.received")
    await receive()
    await pass_events_on(shop)
    async with receiving() as old:
        late = asyncio.Event()
        old.answers = lambda _: Answer(status, {"Retry-After": "3600"}, after=late)
        await change_subscription(
            shop, SubscriptionSpec("crm", old.url, ("lead.received",)), "tests"
        )
        sending = asyncio.create_task(send_due(shop, "crm"))
        await until(lambda: old.requests)
        clock.pass_by(seconds=1)
        await subscribe(shop, receiver, "lead.received")
        late.set()
        await sending
    found = (await view_subscription(shop, "crm")).subscription
    assert (found.wanted.active, found.disabled_for, found.paused_until) == (True, None, None)
    clock.pass_by(seconds=6)
    await send_all(shop)
    assert types_told(receiver) == ["lead.received"]


async def test_nothing_is_lost_while_nobody_listens(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver, "lead.received")
    address = SubscriptionSpec("crm", "http://127.0.0.1:9/", ("lead.received",))
    await change_subscription(shop, address, "tests")
    await receive()
    await send_all(shop)
    ((state, error),) = await deliveries(shop, "state, last_error")
    assert (state, error) == ("pending", "The host does not take connections, or has no valid TLS.")
    await subscribe(shop, receiver, "lead.received")
    clock.pass_by(seconds=6)
    await send_all(shop)
    assert types_told(receiver) == ["lead.received"]


async def test_an_address_that_is_not_allowed_any_more_is_not_sent_to(
    shop: Resources, resources: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "lead.received")
    await receive()
    await send_all(resources)
    assert receiver.connections == 0
    ((state, error),) = await deliveries(shop, "state, last_error")
    assert state == "pending"
    assert "https://" in error


async def test_a_secret_that_was_replaced_signs_for_a_day_more(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    now = await shop.stores.database.now()
    clock.moment = now - timedelta(hours=25)
    old = await subscribe(shop, receiver, "lead.received")
    clock.moment = now - timedelta(hours=23, minutes=59)
    new = await rotate_secret(shop, "crm", "tests")
    clock.moment = now
    await receive()
    await send_all(shop)
    verify(old, receiver)
    verify(new, receiver)
    assert old != new
    clock.pass_by(minutes=2)
    await receive(external_id="a day later")
    await send_all(shop)
    verify(new, receiver)
    with pytest.raises(WebhookVerificationError):
        verify(old, receiver)


async def test_what_a_dead_process_took_is_sent_again_under_the_same_id(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver, "lead.received")
    await receive()
    await pass_events_on(shop)
    (taken,) = await take_due(shop.stores.database, "crm", clock.now(), 8)
    await send_all(shop)
    assert receiver.requests == [], "another has it"
    clock.moment += LEASE
    await send_all(shop)
    assert ids_told(receiver) == [taken.event.id]


async def test_a_try_broken_off_while_it_is_sent_is_sent_again(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver, "lead.received")
    await receive()
    await pass_events_on(shop)
    arrived = asyncio.Event()

    def hang(_request: object) -> Answer:
        arrived.set()
        return Answer(hangs=True)

    receiver.answers = hang
    dying = asyncio.create_task(send_due(shop, "crm"))
    await arrived.wait()
    dying.cancel()
    await asyncio.wait([dying])
    receiver.says()
    clock.moment += LEASE
    await send_all(shop)
    first, second = ids_told(receiver)
    assert first == second
    assert await deliveries(shop) == [("lead.received", "delivered", 2)]


async def test_who_lost_his_minute_does_not_undo_what_another_did(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver, "lead.received")
    await receive()
    await pass_events_on(shop)
    (slow,) = await take_due(shop.stores.database, "crm", clock.now(), 8)
    clock.moment += LEASE
    await send_all(shop)
    async with shop.stores.database.transaction() as connection:
        await end_tries(connection, "crm", [(slow, Ending(None, "too slow"))], clock.now())
    assert await deliveries(shop) == [("lead.received", "delivered", 2)]


async def test_who_lost_their_minute_ends_nothing_while_another_still_sends(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver, "lead.received")
    await receive()
    await pass_events_on(shop)
    (slow,) = await take_due(shop.stores.database, "crm", clock.now(), 8)
    clock.moment += LEASE
    (now_sending,) = await take_due(shop.stores.database, "crm", clock.now(), 8)
    assert now_sending.id == slow.id
    async with shop.stores.database.transaction() as connection:
        await end_tries(connection, "crm", [(slow, Ending(500, "too slow"))], clock.now())
    assert await deliveries(shop) == [("lead.received", "pending", 2)]
    async with shop.stores.database.transaction() as connection:
        await end_tries(connection, "crm", [(now_sending, Ending(200))], clock.now())
    assert await deliveries(shop) == [("lead.received", "delivered", 2)]


async def test_many_replicas_send_every_event_once(
    shop: Resources, receiver: Receiver, receive: Receive
) -> None:
    await subscribe(shop, receiver, "lead.received")
    for number in range(30):
        await receive(external_id=f"lead {number}")
    await asyncio.gather(*(pass_events_on(shop) for _ in range(4)))
    assert await names_due(shop) == ["crm"]
    await asyncio.gather(*(send_due(shop, "crm") for _ in range(4)))
    assert len(ids_told(receiver)) == len(set(ids_told(receiver))) == 30


async def test_deliveries_are_forgotten_in_the_end(
    shop: Resources, receiver: Receiver, receive: Receive, clock: DrivenClock
) -> None:
    await subscribe(shop, receiver, "lead.received")
    await receive()
    await send_all(shop)
    clock.pass_by(days=2)
    await forget_old_deliveries(shop)
    assert await deliveries(shop) == [("lead.received", "delivered", 1)]
    clock.pass_by(days=2)
    await forget_old_deliveries(shop)
    assert await deliveries(shop) == []
