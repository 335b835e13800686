"""The policy pages for a head of sales."""
