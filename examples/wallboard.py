#!/usr/bin/env python3
"""A wallboard in a terminal: python wallboard.py main"""

import os
import sys
from typing import TextIO

from nextlead_client import Client

CLEAR = "\x1b[2J\x1b[H"


def show(client: Client, queue: str, screen: TextIO, depth: int | None) -> None:
    """Draw how a queue stands; figures are up to a second old, the depth is the event's own."""
    stats = client.stats(queue)
    waiting, day = stats["waiting"], stats["last_24_hours"]
    depth = waiting["depth"] if depth is None else depth
    screen.write(f"{CLEAR}{queue}: {depth} wait, {stats['late']} late, ")
    screen.write(f"{waiting['cost_per_minute']} {stats['currency']} a minute\n\n")
    for row in waiting["by_kind"]:
        screen.write(f"{row['kind']:<14}{row['depth']:>4}  {row['oldest_wait_seconds']:>7.0f} s\n")
    screen.write(f"\n24 hours: {day['served']} served, {day['won']} won, {day['amount']}\n")
    screen.flush()


def main(client: Client, queue: str, screen: TextIO, draws: int | None = None) -> None:
    """Draw whenever the line changes, so many times or for ever."""
    for event in client.listen(queue=queue):
        if event.type in ("line.changed", "reset"):
            show(client, queue, screen, event.data.get("waiting"))
            draws = draws and draws - 1
            if draws == 0:
                return


if __name__ == "__main__":
    main(Client(os.environ["NEXTLEAD_URL"], os.environ["NEXTLEAD_KEY"]), sys.argv[1], sys.stdout)
