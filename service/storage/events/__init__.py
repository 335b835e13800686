"""Subscriptions and outgoing event deliveries in Postgres."""
