"""The policy for a head of sales."""
