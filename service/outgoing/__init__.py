"""The way out: requests of ours to addresses that others gave us."""
