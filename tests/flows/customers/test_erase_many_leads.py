"""A client with thousands of leads, as a marketplace may be, is erased whole."""

import pytest
from stories import Receive

from service.flows.customers.erase_client import ErasureRequest, erase_client
from service.flows.customers.find_subject import NamedClient
from service.leads.customer import Customer
from service.resources import Resources

MANY = 5_100
# Ended leads like one that came in, with its mark.
COPIES = """
WITH made AS (
    INSERT INTO leads SELECT copied.* FROM leads AS one,
        generate_series(1, $2::int) AS number,
        LATERAL jsonb_populate_record(one, jsonb_build_object(
            'id', lpad(to_hex(number), 32, '0'), 'external_id', NULL, 'idempotency_key', NULL,
            'state', 'settled', 'outcome', 'spam',
            'settled_at', one.received_at, 'settled_by', 'anna'
        )) AS copied
    WHERE one.id = $1
    RETURNING id
)
INSERT INTO lead_identities (queue, identity, lead_id, strength, open, contested)
SELECT queue, identity, made.id, strength, false, false FROM lead_identities, made
WHERE lead_id = $1
"""
LEFT = "SELECT count(*) FROM leads WHERE customer_id IS NOT NULL OR text IS NOT NULL"


@pytest.mark.parametrize(
    ("customer", "named"),
    [
        (Customer("c-1", "Ирина", "+79161234567"), NamedClient(external_id="c-1")),
        (Customer(None, "Ирина", "+79161234567"), NamedClient(phone="+79161234567")),
    ],
)
async def test_all_leads_of_a_client_are_erased_at_once(
    resources: Resources, receive: Receive, customer: Customer, named: NamedClient
) -> None:
    lead = await receive(customer=customer, text="слова")
    await resources.stores.database.fetch(COPIES, lead.id, MANY)
    done = await erase_client(resources, ErasureRequest(named, "asked", "tests"))
    assert done.counts["leads"] == MANY + 1
    assert (await resources.stores.database.fetch(LEFT))[0]["count"] == 0
