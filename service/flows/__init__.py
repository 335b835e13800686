"""What the service does: one operation in each file."""
