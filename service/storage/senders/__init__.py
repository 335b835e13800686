"""Sources and deliveries of webhooks in Postgres."""
