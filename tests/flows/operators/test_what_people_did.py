"""How operators spent their day by their own word, and what people decided, in one list."""

from datetime import timedelta

from driven_clock import NOON, DrivenClock
from stories import Receive, add_queue

from service.flows.claims.supervise import Instruction, pin_lead
from service.flows.line.view_decisions import view_decisions
from service.flows.operators.change_presence import change_presence
from service.flows.operators.sign_in import Person, invite_person, sign_in_by_link
from service.flows.operators.view_shift import view_shift
from service.leads.operator import Operator, Presence
from service.resources import Resources
from service.storage.operators.operators import put_operator

HOUR = timedelta(hours=1)


async def test_a_day_is_told_in_spans(resources: Resources, clock: DrivenClock) -> None:
    assert list(await view_shift(resources, "anna")) == []
    for at, status, reason in (
        (0, Presence.ONLINE, None),
        (3, Presence.BREAK, "lunch"),
        (4, Presence.ONLINE, None),
        (9, Presence.OFFLINE, None),
    ):
        clock.moment = NOON + at * HOUR
        await change_presence(resources, "anna", status, reason)
    clock.moment = NOON + 10 * HOUR
    spans = await view_shift(resources, "anna")
    assert [(span.status, span.reason, span.minutes) for span in spans] == [
        (Presence.ONLINE, None, 180.0),
        (Presence.BREAK, "lunch", 60.0),
        (Presence.ONLINE, None, 300.0),
        (Presence.OFFLINE, None, 60.0),
    ]
    clock.moment = NOON + 25 * HOUR
    first = (await view_shift(resources, "anna"))[0]
    assert (first.begins, first.status) == (NOON + HOUR, Presence.ONLINE)


async def test_what_is_too_old_is_let_go(resources: Resources, clock: DrivenClock) -> None:
    await change_presence(resources, "anna", Presence.ONLINE)
    clock.moment = NOON + timedelta(days=100)
    await change_presence(resources, "anna", Presence.OFFLINE)
    clock.moment += HOUR
    assert len(await view_shift(resources, "anna")) == 1


async def test_decisions_of_people_stand_in_one_list(
    resources: Resources, clock: DrivenClock, receive: Receive
) -> None:
    lead = await receive()
    link = await invite_person(resources, Person("vera", None, frozenset({"supervise"})))
    await sign_in_by_link(resources, link)
    clock.pass_by(minutes=1)
    await pin_lead(resources, lead.id, Instruction("vera", "a friend of the house"))
    clock.pass_by(minutes=1)
    found = await view_decisions(resources, "main")
    assert [(item.person, item.type, item.reason) for item in found] == [
        ("vera", "lead.pinned", "a friend of the house"),
        ("vera", "person.signed_in", None),
    ]
    assert found[0].lead == lead.id
    assert list(await view_decisions(resources, "main", found[-1].at)) == []


async def test_a_queue_does_not_show_the_sign_ins_of_operators_of_others(
    resources: Resources, clock: DrivenClock
) -> None:
    await add_queue(resources, "branch")
    async with resources.stores.database.transaction() as connection:
        await put_operator(connection, Operator("boris", ("branch",)), clock.now())
        await put_operator(connection, Operator("clara", ("main", "branch")), clock.now())
    resources.stores.directory.forget()
    for name, desk in (("anna", "anna"), ("boris", "boris"), ("clara", "clara"), ("vera", None)):
        link = await invite_person(resources, Person(name, desk, frozenset({"operate"})))
        await sign_in_by_link(resources, link)
    shown = {
        queue: {item.person for item in await view_decisions(resources, queue)}
        for queue in ("main", "branch")
    }
    assert shown == {"main": {"anna", "clara", "vera"}, "branch": {"boris", "clara", "vera"}}
