"""Requests of ours to addresses that others gave us."""
