"""The data in Postgres, which is the lasting truth."""
