"""Who calls? The newest leads are shown, whatever marks they were found by."""

import pytest
from stories import Receive

from service.leads.customer import Customer
from service.resources import Resources
from service.storage.customers import search

PHONES = ("+79161234567", "+79037654321", "+79261112233")


async def test_the_newest_leads_of_several_marks_are_the_newest_of_all(
    resources: Resources, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MAX_LEADS", 2)
    came = [(await receive(customer=Customer(phone=phone))).id for phone in PHONES]
    marks = [("main", f"phone:{phone}") for phone in PHONES]
    async with resources.stores.database.transaction() as connection:
        found = await search.leads_without_card(connection, marks)
    assert found == [came[2], came[1]]
