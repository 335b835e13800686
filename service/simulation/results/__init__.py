"""Results: money, waits and misses, compared on the same clients, also as a page."""
