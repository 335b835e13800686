"""A customer's card as new word changes it."""

from dataclasses import replace
from datetime import timedelta

from builders import NOON

from service.leads.card import (
    MAX_TASKS,
    Card,
    CardChange,
    changed_card,
    newest_contacts,
    with_existing_operators,
    with_task,
    with_task_closed,
)
from service.leads.context import (
    CallTask,
    Campaign,
    ClientClass,
    Contact,
    CustomerContext,
    OrderInWork,
)
from service.leads.customer import Customer

DAY = timedelta(days=1)
TASK = CallTask("1", Campaign.BIRTHDAY, "anna", NOON, NOON + DAY)
KNOWN = Card(
    Customer("c-1", "Irina", "1"),
    CustomerContext(ClientClass.VIP, contacts=(Contact("anna", NOON),)),
)


def test_what_is_not_named_stays() -> None:
    changed = changed_card(KNOWN, CardChange({"phone": None}, {"cars": ("Kia",)}))
    assert changed.customer == Customer("c-1", "Irina", None)
    assert changed.context == replace(KNOWN.context, cars=("Kia",))
    assert changed_card(KNOWN, CardChange()) == KNOWN


def test_talks_are_added_and_each_is_kept_once() -> None:
    later = Contact("boris", NOON + DAY)
    change = CardChange(context={"contacts": (Contact("anna", NOON), later)})
    assert changed_card(KNOWN, change).context.contacts == (later, Contact("anna", NOON))
    many = [Contact("anna", NOON - item * DAY) for item in range(30)]
    assert newest_contacts(reversed(many)) == tuple(many[:20])


def test_a_task_takes_the_place_of_the_one_of_its_id() -> None:
    extended = replace(TASK, expires_at=NOON + 2 * DAY)
    other = replace(TASK, external_id="2")
    context = with_task(with_task(CustomerContext(tasks=(TASK,)), other), extended)
    assert {*context.tasks} == {extended, other}
    assert changed_card(KNOWN, CardChange(task=TASK)).context.tasks == (TASK,)


def test_of_too_many_tasks_closed_and_old_ones_go_first() -> None:
    old = [replace(TASK, external_id=f"o{n}", opened_at=NOON - DAY) for n in range(MAX_TASKS - 1)]
    closed = replace(TASK, external_id="closed", opened_at=NOON + DAY, closed_at=NOON + DAY)
    context = with_task(CustomerContext(tasks=(*old, closed)), TASK)
    assert len(context.tasks) == MAX_TASKS
    assert (context.tasks[0], closed in context.tasks) == (TASK, False)


def test_a_task_is_closed_once() -> None:
    other = replace(TASK, external_id="2")
    context = with_task_closed(CustomerContext(tasks=(TASK, other)), "1", NOON + DAY)
    assert context.tasks == (replace(TASK, closed_at=NOON + DAY), other)
    assert with_task_closed(context, "1", NOON + 2 * DAY) == context


def test_operators_whom_nobody_knows_lead_nowhere() -> None:
    order = OrderInWork("1", "anna", NOON)
    context = CustomerContext(
        orders=(order, replace(order, operator="ghost"), replace(order, operator=None)),
        tasks=(TASK, replace(TASK, operator="ghost")),
        contacts=(Contact("anna", NOON), Contact("ghost", NOON)),
        cars=("Kia",),
    )
    existing = with_existing_operators(context, ["anna"])
    assert (existing.orders, existing.tasks) == ((order,), (TASK,))
    assert (existing.contacts, existing.cars) == ((Contact("anna", NOON),), ("Kia",))
