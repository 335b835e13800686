"""Starts a real PostgreSQL and a real Valkey beside the service when none are configured."""
