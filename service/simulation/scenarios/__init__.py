"""Scenarios of a simulated shop: its hours, operators and clients, as YAML with a schema."""
