"""The desk of an operator."""
