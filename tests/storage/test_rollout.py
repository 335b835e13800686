"""Old code goes on while new tables are there: nothing that it reads or writes is taken away.

Old is the first revision after the moves into rooms; the tables at the head are compared with it.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from alembic import command

from service.embedded.servers import Addresses
from service.storage.schema_check import migration_config

OLD = "0010"

COLUMNS = """
SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type,
    a.attnotnull AS required, a.atthasdef OR a.attidentity <> '' AS filled
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
    AND NOT a.attisdropped
"""
CHECKS = """
SELECT c.relname || '.' || k.conname AS name, pg_get_constraintdef(k.oid) AS means
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND k.contype = 'c'
"""
UNIQUE = """
SELECT c.relname AS "table", i.indexrelid::regclass::text AS name,
    pg_get_indexdef(i.indexrelid) AS means
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique
"""

MOVE = re.compile(r"'none'::text\) = '(\w+)'::text\) AND \(state_after = '(\w+)'")
WORD = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Tables:
    """What a database has."""

    columns: dict[tuple[str, str], dict[str, Any]]
    checks: dict[str, str]
    unique: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {table for table, _ in self.columns}


async def read_tables(url: str) -> Tables:
    connection = await asyncpg.connect(url)
    columns = {(row["table"], row["column"]): dict(row) for row in await connection.fetch(COLUMNS)}
    checks = {row["name"]: row["means"] for row in await connection.fetch(CHECKS)}
    unique = {row["name"]: dict(row) for row in await connection.fetch(UNIQUE)}
    await connection.close()
    return Tables(columns, checks, unique)


@pytest.fixture
async def both(servers: Addresses) -> AsyncIterator[tuple[Tables, Tables]]:
    """The tables at the old revision and at the head."""
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("CREATE DATABASE rollout")
    url = servers.database_url.replace("/nextlead?", "/rollout?")
    config = migration_config(url)
    await asyncio.to_thread(command.upgrade, config, OLD)
    old = await read_tables(url)
    await asyncio.to_thread(command.upgrade, config, "head")
    yield old, await read_tables(url)
    await connection.execute("DROP DATABASE rollout")
    await connection.close()


def is_wider(before: str, after: str) -> bool:
    """Whether a CHECK differs only in that it allows more words, or more moves."""
    if MOVE.search(before):
        return set(MOVE.findall(before)) <= set(MOVE.findall(after))
    same_form = WORD.sub("", before) == WORD.sub("", after)
    listed = re.compile(r"ARRAY\[[^\]]*\]")
    apart = listed.sub("", before) == listed.sub("", after)
    lists = zip(listed.findall(before), listed.findall(after), strict=False)
    more = all(set(WORD.findall(first)) <= set(WORD.findall(then)) for first, then in lists)
    return (same_form or apart) and more


def faults(old: Tables, new: Tables) -> list[str]:
    """What old code would miss, or be refused."""
    found = [f"{table}.{column} is gone" for table, column in old.columns.keys() - new.columns]
    for place, before in old.columns.items():
        after = new.columns.get(place, before)
        if after["type"] != before["type"]:
            found.append(f"{place} is {after['type']}, was {before['type']}")
        if after["required"] and not before["required"]:
            found.append(f"{place} must be given")
        if before["filled"] and not after["filled"]:
            found.append(f"{place} has no default any more")
    for place in new.columns.keys() - old.columns:
        column = new.columns[place]
        if place[0] in old.names and column["required"] and not column["filled"]:
            found.append(f"{place} is new and must be given")
    for name, means in new.checks.items():
        before_means = old.checks.get(name)
        if before_means not in (None, means) and not is_wider(before_means, means):
            found.append(f"{name} was {before_means}, is {means}")
    for name, index in new.unique.items():
        on_new = any(
            re.search(rf"\b{column}\b", index["means"].partition("USING")[2])
            for table, column in new.columns.keys() - old.columns
            if table == index["table"]
        )
        if index["table"] in old.names and name not in old.unique and not on_new:
            found.append(f"{name} refuses what was allowed")
    return sorted(found)


async def test_nothing_that_old_code_uses_is_dropped_renamed_or_narrowed(
    both: tuple[Tables, Tables],
) -> None:
    assert faults(*both) == []


def test_a_fault_of_each_sort_is_found() -> None:
    def column(**more: Any) -> dict[str, Any]:
        return {"type": "text", "required": False, "filled": False, **more}

    old = Tables(
        {
            ("leads", "a"): column(),
            ("leads", "b"): column(),
            ("leads", "c"): column(),
            ("leads", "d"): column(required=True, filled=True),
        },
        {"leads.e": "CHECK (e = ANY (ARRAY['x'::text, 'y'::text]))"},
    )
    new = Tables(
        {
            ("leads", "b"): column(type="integer"),
            ("leads", "c"): column(required=True),
            ("leads", "d"): column(required=True),
            ("leads", "f"): column(required=True),
            ("others", "g"): column(required=True),
        },
        {"leads.e": "CHECK (e = ANY (ARRAY['x'::text, 'z'::text]))", "others.h": "CHECK (h)"},
        {"leads_b": {"table": "leads", "name": "leads_b", "means": "… USING btree (b)"}},
    )
    assert [fault.split(" ", 1)[0] for fault in faults(old, new)] == [
        "('leads',",
        "('leads',",
        "('leads',",
        "('leads',",
        "leads.a",
        "leads.e",
        "leads_b",
    ]


def test_a_check_may_widen() -> None:
    before = "CHECK (e = ANY (ARRAY['x'::text, 'y'::text]))"
    assert is_wider(before, "CHECK (e = ANY (ARRAY['x'::text, 'y'::text, 'z'::text]))")
    assert not is_wider(before, "CHECK (e = ANY (ARRAY['x'::text]))")
    assert not is_wider(before, "CHECK (e > 1)")
