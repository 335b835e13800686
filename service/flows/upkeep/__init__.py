"""Time's own work, and the health of the service."""
