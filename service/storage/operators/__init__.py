"""Operators in Postgres."""
