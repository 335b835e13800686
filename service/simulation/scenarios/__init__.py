"""What a simulated shop is like: its hours, operators and clients, as YAML with a schema."""
