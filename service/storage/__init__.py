"""The lasting truth in Postgres."""
