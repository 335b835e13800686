"""The hot and the frequent statements find their rows by an index, at any depth."""

import json
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from service.embedded.servers import Addresses
from service.storage.customers import clients
from service.storage.leads import (
    claims,
    cutoffs,
    endings,
    held_leads,
    line_changes,
    renewals,
    reranking,
    tasks,
)
from service.storage.queues import stats

FILL = """
INSERT INTO leads (id, version, state, created_at, created_by, changed_at, queue, channel,
    received_at, source, live, intent, paid, kind, stage, score, cost_per_minute, rank, lane,
    policy_version, explanation, unanswered_calls, outcome, settled_at, settled_by, reason,
    asked_at, callback_due, chance, timeline, next_step_at)
SELECT gen_random_uuid(), 1, CASE WHEN n % 100 = 0 THEN 'waiting' ELSE 'settled' END,
    now() - n * interval '1 second', 'tests', now() - n * interval '1 second', 'main', 'vk',
    now(), 'api', false, 'sale', false, 'chat', 600, 50, 1, n, 'everybody', 1, '{}', 0,
    CASE WHEN n % 100 = 0 THEN NULL ELSE 'lost' END, CASE WHEN n % 100 = 0 THEN NULL ELSE now() END,
    CASE WHEN n % 100 = 0 THEN NULL ELSE 'anna' END, CASE WHEN n % 100 = 0 THEN NULL ELSE 'x' END,
    now(), false, 0.45, '[]', now() + n * interval '1 minute'
FROM generate_series(1, 30000) AS n
"""


@pytest.fixture(scope="module")
async def connection(app: FastAPI, servers: Addresses) -> Any:
    """A connection to a table that is filled once: the tests only look at it."""
    opened = await asyncpg.connect(servers.database_url)
    await opened.execute(f"TRUNCATE leads CASCADE; {FILL}")
    await opened.execute("ANALYZE leads, lead_identities, customers, customer_marks")
    yield opened
    await opened.execute("TRUNCATE leads CASCADE")
    await opened.close()


async def scans(connection: asyncpg.Connection, statement: str, *arguments: Any) -> set[str]:
    """Every way in which the statement's plan reads the table of leads.

    The primary key counts as read by it where it is asked for ids, else as read in full.
    """
    plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *arguments))
    found: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        if node.get("Relation Name") == "leads" and node["Node Type"] != "ModifyTable":
            found.add(way_of(node))
        if node["Node Type"].startswith("Bitmap Index"):
            found.add(node["Index Name"])
        for inner in node.get("Plans", ()):
            walk(inner)

    walk(plan[0]["Plan"])
    return found - {"Bitmap Heap Scan"}


def way_of(node: dict[str, Any]) -> str:
    way: str = node.get("Index Name", node["Node Type"])
    return f"{way} in full" if way == "leads_pkey" and "Index Cond" not in node else way


async def test_a_claim_without_the_line_reads_the_rank_index(connection: Any) -> None:
    moment = await connection.fetchval("SELECT now()")
    served = (["main"], ["everybody"], [moment])
    found = await scans(
        connection, claims.CLAIM_FIRST, *served, "anna", "token", moment, "{}", [], None
    )
    assert found == {"leads_waiting_idx", "leads_pkey"}


async def test_a_confirmed_claim_reads_the_primary_key(connection: Any) -> None:
    assert await scans(connection, claims.CONFIRM, "[]") == {"leads_pkey"}


async def test_what_an_operator_holds_is_counted_by_his_name(connection: Any) -> None:
    held = "SELECT count(*) FROM leads WHERE claimed_by = $1 AND state = 'claimed'"
    assert await scans(connection, held, "anna") == {"leads_claimed_by_idx"}


async def test_ended_leases_and_recent_changes_read_their_indexes(connection: Any) -> None:
    moment = await connection.fetchval("SELECT now()")
    nobody = in_step_first_id()
    assert await scans(connection, line_changes.END_LEASES, moment, 100) == {
        "leads_lease_until_idx", "leads_pkey",
    }  # fmt: skip
    assert await scans(connection, line_changes.CHANGED, moment, nobody, 100) == {
        "leads_changed_at_idx"
    }


async def test_due_steps_and_outdated_ranks_read_their_indexes(connection: Any) -> None:
    moment = await connection.fetchval("SELECT now()")
    due = await scans(connection, reranking.DUE_STEPS, moment, 100)
    assert due == {"leads_next_step_at_idx"}
    either = {"leads_to_serve_idx", "leads_policy_version_idx", "leads_queue_state_id_idx"}
    assert await scans(connection, reranking.SOME_OUTDATED, "main", 2, 0) <= either
    nobody = in_step_first_id()
    assert await scans(connection, reranking.OUTDATED, "main", 2, 0, nobody, 1) <= either


async def test_a_line_is_rebuilt_from_open_leads_alone_and_in_their_order(connection: Any) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")  # as of all hot statements
        first = in_step_first_id()
        assert await scans(connection, line_changes.IN_LINE, "main", first, 1000) == {
            "leads_to_serve_idx"
        }
        plan = await connection.fetch(f"EXPLAIN {line_changes.IN_LINE}", "main", first, 1000)
    assert not [row for row in plan if "Sort" in row[0]]


async def test_the_stats_do_not_read_what_was_settled_long_ago(connection: Any) -> None:
    assert await scans(connection, stats.WAITING, "main") <= {
        "leads_waiting_idx", "leads_queue_state_id_idx",
        "leads_policy_version_idx", "leads_next_step_at_idx",
    }  # fmt: skip


async def test_the_watch_over_cutoffs_reads_those_who_are_in_line(connection: Any) -> None:
    moment = await connection.fetchval("SELECT now()")
    in_line = {
        "leads_waiting_idx", "leads_queue_state_id_idx",
        "leads_policy_version_idx", "leads_next_step_at_idx",
    }  # fmt: skip
    assert await scans(connection, cutoffs.WAITING, "main", ["self_order"]) <= in_line
    found = await scans(connection, cutoffs.UNHURRIED, "main", ["chat"], moment, 105.0, 500)
    assert found <= in_line
    found = await scans(connection, cutoffs.ON_SHIFT, "main", ["self_order"], moment)
    assert found == {"leads_claimed_by_idx"}


async def test_tasks_and_clients_are_found_by_their_indexes(connection: Any) -> None:
    moment, nobody = await connection.fetchval("SELECT now()"), in_step_first_id()
    expired = await scans(connection, tasks.EXPIRE, moment, 500)
    assert expired == {"leads_task_expires_at_idx", "leads_pkey"}
    async with connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")  # as of all hot statements
        found = await scans(connection, clients.CLIENTS, ["c-1"], [nobody])
    # of all marks of a queue none is read but the client's
    assert found <= {
        "leads_customer_id_id_idx", "leads_parked_until_idx", "leads_pkey",
        "customer_marks_external_id_idx",
    }  # fmt: skip


def in_step_first_id() -> str:
    return "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(("columns", "locked"), endings.ENDS)
async def test_claims_end_by_the_primary_key(
    connection: Any, columns: tuple[str, ...], locked: str
) -> None:
    statement = endings.ENDS[columns, locked]
    found = await scans(connection, statement, "[]")
    assert {name for name in found if name.startswith("leads")} == {"leads_pkey"}


async def test_leases_are_renewed_by_the_primary_key(connection: Any) -> None:
    assert await scans(connection, renewals.RENEW, "[]", "{}") == {"leads_pkey"}


async def test_what_an_end_depends_on_is_read_by_two_indexes(connection: Any) -> None:
    assert await scans(connection, held_leads.HELD, []) == {"leads_pkey", "leads_visits_idx"}
