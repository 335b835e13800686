"""What the service does: one verb, one file, one transaction."""
