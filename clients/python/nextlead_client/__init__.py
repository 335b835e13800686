"""A client of nextlead: send leads, take leads, listen to what happens."""

from nextlead_client.aio import AsyncClient, AsyncHeldLead
from nextlead_client.client import Client, HeldLead
from nextlead_client.errors import InvalidSignature, NextleadError, Refused, Unreachable
from nextlead_client.events import Event
from nextlead_client.webhooks import verify_webhook

__all__ = [
    "AsyncClient",
    "AsyncHeldLead",
    "Client",
    "Event",
    "HeldLead",
    "InvalidSignature",
    "NextleadError",
    "Refused",
    "Unreachable",
    "verify_webhook",
]
