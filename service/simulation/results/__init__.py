"""What came out: money, waits and misses, compared on the same clients, and as a page."""
