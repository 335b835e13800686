"""Clients as persons: found, merged, blocked, and what operators learn of them."""
