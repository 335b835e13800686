"""Webhooks: sources, their deliveries, and how each event is handled."""
