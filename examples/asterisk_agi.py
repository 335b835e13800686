#!/usr/bin/env python3
"""Asterisk asks this program at every incoming call (AGI): the call becomes a live lead.

extensions.conf:  same => n,AGI(asterisk_agi.py,main)
The dial plan then has NEXTLEAD_LEAD, NEXTLEAD_STAGE and NEXTLEAD_SCORE; all are empty when the
service could not be reached, and the call goes on as ever.
"""

import os
import sys
from typing import IO

from nextlead_client import Client, NextleadError


def read_variables(stdin: IO[str]) -> dict[str, str]:
    """What Asterisk says of the call, up to the empty line."""
    variables = {}
    for line in iter(stdin.readline, ""):
        name, separator, value = line.strip().partition(": ")
        if not separator:
            break
        variables[name] = value
    return variables


def set_variable(stdin: IO[str], stdout: IO[str], name: str, value: str) -> None:
    """Set a variable of the dial plan, and read Asterisk's answer."""
    stdout.write(f'SET VARIABLE {name} "{value}"\n')
    stdout.flush()
    stdin.readline()


def main(stdin: IO[str], stdout: IO[str], url: str, key: str) -> None:
    """Post the call, and tell the dial plan where it stands."""
    call = read_variables(stdin)
    found: dict[str, object] = {}
    try:
        with Client(url, key, retries=1) as client:  # the caller hears the phone ring
            lead = client.post_lead(
                {
                    "channel": "phone",
                    "live": True,
                    "queue": call.get("agi_arg_1") or "main",
                    "source": "asterisk",
                    "external_id": call["agi_uniqueid"],
                    "customer": {"phone": call.get("agi_callerid", "")},
                }
            )
        found = {"LEAD": lead["id"], "STAGE": lead["stage"], "SCORE": lead["score"]}
    except NextleadError as error:
        sys.stderr.write(f"nextlead: {error}\n")
    for name in ("LEAD", "STAGE", "SCORE"):
        set_variable(stdin, stdout, f"NEXTLEAD_{name}", str(found.get(name, "")))


if __name__ == "__main__":
    main(sys.stdin, sys.stdout, os.environ["NEXTLEAD_URL"], os.environ["NEXTLEAD_KEY"])
