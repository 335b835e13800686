#!/usr/bin/env python3
"""Takes the events of a subscription, each once.

WEBHOOK_SECRET=whsec_… python event_receiver.py 8090

Deliveries may come twice; what was taken is kept in a small database, together with what is done
for it. Put your own work into `work`.
"""

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from nextlead_client import InvalidSignature, verify_webhook
from nextlead_client.models import EventMessageOut

MAX_BYTES = 64 * 1024
TABLE = "CREATE TABLE IF NOT EXISTS taken (id TEXT PRIMARY KEY)"
Work = Callable[[EventMessageOut], None]


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 once an event is taken, 401 to what is not signed."""

    secret: str
    path_of_database: str
    work: Work

    def do_POST(self) -> None:
        """Take an event; what fails is sent again."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BYTES:
            self._answer(413)
            return
        body = self.rfile.read(length)
        try:
            event = verify_webhook(self.secret, dict(self.headers.items()), body)
        except InvalidSignature:
            self._answer(401)
            return
        with closing(sqlite3.connect(self.path_of_database, timeout=10)) as database, database:
            database.execute(TABLE)
            number = self.headers["webhook-id"]
            fresh = database.execute("INSERT OR IGNORE INTO taken VALUES (?)", (number,)).rowcount
            if fresh:
                type(self).work(event)  # what it raises takes the insert back
        self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


def serve(secret: str, database: str, port: int, work: Work) -> ThreadingHTTPServer:
    """A server that takes events; port 0 is a free one."""
    fields = {"secret": secret, "path_of_database": database, "work": staticmethod(work)}
    return ThreadingHTTPServer(("127.0.0.1", port), type("ReceiverOfEvents", (Receiver,), fields))


def show(event: EventMessageOut) -> None:
    """Say what happened."""
    sys.stdout.write(f"{event['timestamp']} {event['type']} {event['data'].get('lead_id')}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(os.environ["WEBHOOK_SECRET"], "taken.db", int(sys.argv[1]), show).serve_forever()
