"""Webhooks: sources, deliveries, and what becomes of each event."""
