#!/usr/bin/env python3
"""A form on a site, and what takes it: each sending of it is one lead, however often it is sent.

python site_form.py 8080
"""

import html
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from uuid import uuid4

from nextlead_client import Client, NextleadError, Refused

MAX_BYTES = 20_000
PAGE = """<!doctype html><title>Request</title><meta name="viewport" content="width=device-width">
<p>{words}</p>
<form method="post"><input type="hidden" name="once" value="{once}">
<label>Name <input name="name" maxlength="100"></label>
<label>Phone <input name="phone" type="tel" required></label>
<label>What do you need? <textarea name="text" maxlength="2000"></textarea></label>
<button>Send</button></form>"""


class Form(BaseHTTPRequestHandler):
    """Shows the form and takes it."""

    client: Client

    def do_GET(self) -> None:
        """An empty form, with a number of its own."""
        self._show(200, "Leave a request, we call back.")

    def do_POST(self) -> None:
        """Post what was typed; the client is not told that it arrived before it did."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BYTES:
            self._show(413, "This is too long.")
            return
        typed = {
            name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()
        }
        try:
            self.client.post_lead(
                {
                    "channel": "landing_form",
                    "source": "site",
                    "external_id": typed.get("once", ""),
                    "customer": {"name": typed.get("name"), "phone": typed.get("phone")},
                    "text": typed.get("text"),
                }
            )
        except Refused as refused:
            self._show(400, "; ".join(item["reason"] for item in refused.errors) or refused.detail)
        except NextleadError:
            self._show(503, "It did not arrive. Please send it once more.")
        else:
            self._show(200, "Thank you. We call back soon.")

    def _show(self, status: int, words: str) -> None:
        body = PAGE.format(words=html.escape(words), once=uuid4().hex).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Write no addresses of clients into a log."""


def serve(client: Client, port: int) -> ThreadingHTTPServer:
    """A server of the form; port 0 is a free one."""
    handler = type("FormOfClient", (Form,), {"client": client})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


if __name__ == "__main__":
    with Client(os.environ["NEXTLEAD_URL"], os.environ["NEXTLEAD_KEY"], retries=2) as opened:
        serve(opened, int(sys.argv[1])).serve_forever()
