"""Policies, observed outcomes and the context of a queue in Postgres."""
