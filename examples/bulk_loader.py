#!/usr/bin/env python3
"""Loads leads from a CSV file: python bulk_loader.py leads.csv

Columns: external_id, channel, name, phone, email, text. Sixteen are on their way at a time. What
was loaded before is found again by its external_id, so a load that broke off is just repeated.
Lines that are refused are named, and the others are loaded.
"""

import asyncio
import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable
from typing import TextIO

from nextlead_client import AsyncClient, Refused
from nextlead_client.models import LeadIn

AT_ONCE = 16
SOURCE = "bulk_loader"


def to_lead(row: dict[str, str]) -> LeadIn:
    """A row as a lead; empty cells are left out."""
    customer = {name: row[name] for name in ("name", "phone", "email") if row.get(name)}
    lead: dict[str, object] = {name: row[name] for name in ("channel", "text") if row.get(name)}
    lead |= {"source": SOURCE, "external_id": row["external_id"]}
    return {**lead, "customer": customer} if customer else lead  # type: ignore[return-value]


async def load(client: AsyncClient, rows: Iterable[dict[str, str]], errors: TextIO) -> Counter[str]:
    """Load rows; how many were loaded and refused."""
    counts: Counter[str] = Counter()
    numbered = enumerate(rows, start=2)  # as the file counts its lines

    async def work() -> None:
        for number, row in numbered:
            try:
                await client.post_lead(to_lead(row))
                counts["loaded"] += 1
            except Refused as refused:
                counts["refused"] += 1
                fields = "; ".join(f"{item['field']}: {item['reason']}" for item in refused.errors)
                errors.write(f"line {number}: {fields or refused.detail}\n")

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    return counts


async def main(path: str) -> None:
    """Load a file."""
    url, key = os.environ["NEXTLEAD_URL"], os.environ["NEXTLEAD_KEY"]
    with open(path, encoding="utf-8-sig", newline="") as file:  # noqa: ASYNC230  read as it goes
        async with AsyncClient(url, key) as client:
            counts = await load(client, csv.DictReader(file), sys.stderr)
    sys.stdout.write(f"{counts['loaded']} loaded, {counts['refused']} refused\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
