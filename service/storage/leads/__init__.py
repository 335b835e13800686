"""Leads, claims, signals and their history in Postgres."""
