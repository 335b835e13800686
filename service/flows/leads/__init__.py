"""A lead from its first signal: opened, joined, merged, split, changed, read."""
