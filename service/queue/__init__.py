"""The line in Redis; everything in it is derived from Postgres."""
