"""Operators and queues: who serves which queue, presence, sign-in, statistics."""
