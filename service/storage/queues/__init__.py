"""Events and statistics of queues in Postgres."""
