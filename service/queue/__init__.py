"""The line in Redis: derived from Postgres, never the only place of anything."""
