"""Queues of others, asked for one item at a time over HTTP, as operators ask."""
