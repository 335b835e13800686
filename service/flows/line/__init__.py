"""The line: shown, moved by time, ranked again, rebuilt, read."""
