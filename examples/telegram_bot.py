#!/usr/bin/env python3
"""A Telegram bot for operators: /next, /won 5200 paid by card, /lost price, /callback, /release.

TELEGRAM_TOKEN is the bot's; OPERATORS says who is who: "111=anna,222=boris".
"""

import os
import time
from typing import Any

import httpx
from nextlead_client import Client, HeldLead, NextleadError, Refused

HELP = "/next · /won 5200 paid by card · /lost price · /callback note · /release"
HOLD_SECONDS = 3600.0
POLL_SECONDS = 25


class Bot:
    """Answers the messages of operators; each holds one lead at a time."""

    def __init__(self, client: Client, telegram: httpx.Client, operators: dict[int, str]) -> None:
        self._client, self._telegram, self._operators = client, telegram, operators
        self._held: dict[str, HeldLead] = {}
        self._after = 0

    def answer_once(self) -> int:
        """Answer the messages that came, or wait for one; how many there were."""
        body = {"offset": self._after, "timeout": POLL_SECONDS}
        answer = self._telegram.post("getUpdates", json=body, timeout=POLL_SECONDS + 10)
        updates = answer.raise_for_status().json()["result"]
        for update in updates:
            self._after = update["update_id"] + 1
            message = update.get("message") or {}
            if "text" in message:
                self._answer(message)
        return len(updates)

    def _answer(self, message: dict[str, Any]) -> None:
        operator = self._operators.get(message["from"]["id"])
        try:
            words = (
                "I do not know you." if operator is None else self._do(operator, message["text"])
            )
        except Refused as refused:
            words = refused.detail
        except NextleadError:
            words = "The service cannot be reached; try again in a moment."
        chat = {"chat_id": message["chat"]["id"], "text": words}
        self._telegram.post("sendMessage", json=chat).raise_for_status()

    def _do(self, operator: str, text: str) -> str:
        command, _, rest = text.partition(" ")
        held = self._held.get(operator)
        if command == "/next":
            return self._next(operator)
        if held is None or held.is_lost:
            return "You hold no lead. /next takes one."
        if not self._end(held, command, rest.strip()):
            return HELP
        held.__exit__(None, None, None)
        del self._held[operator]
        return "Done. /next takes the next one."

    def _next(self, operator: str) -> str:
        lead = self._client.next(operator, wait=0)
        if lead is None:
            return "Nobody waits."
        if operator not in self._held or self._held[operator].id != lead["id"]:
            self._held[operator] = HeldLead(self._client, lead, HOLD_SECONDS).__enter__()
        client = lead["customer"] or {}
        who = client.get("name") or client.get("phone") or "somebody"
        return f"{lead['kind']}: {who}\n{lead['text'] or '(no words)'}"

    def _end(self, held: HeldLead, command: str, rest: str) -> bool:
        if command == "/won":
            amount, _, note = rest.partition(" ")
            held.settle("won", amount=amount, note=note or "in the chat")
        elif command == "/lost":
            held.settle("lost", reason=rest or "no reason", note="in the chat")
        elif command == "/callback":
            held.settle("callback", note=rest or "to be called")
        elif command == "/release":
            held.release()
        else:
            return False
        return True


def main() -> None:
    """Answer for ever."""
    pairs = (item.split("=") for item in os.environ["OPERATORS"].split(","))
    operators = {int(number): name for number, name in pairs}
    base = os.environ.get("TELEGRAM_URL", "https://api.telegram.org")
    telegram = httpx.Client(base_url=f"{base}/bot{os.environ['TELEGRAM_TOKEN']}/")
    with Client(os.environ["NEXTLEAD_URL"], os.environ["NEXTLEAD_KEY"]) as client:
        bot = Bot(client, telegram, operators)
        while True:
            try:
                bot.answer_once()
            except httpx.HTTPError:
                time.sleep(3)


if __name__ == "__main__":
    main()
