"""Subscriptions and deliveries of events out in Postgres."""
