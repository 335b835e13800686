"""Upkeep: chores that time brings, keys, metrics, and the health of the service."""
