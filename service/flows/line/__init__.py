"""The line: show leads in it, move them in time, rank them again, rebuild and view it."""
