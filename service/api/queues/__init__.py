"""Routes of queues and their statistics."""
