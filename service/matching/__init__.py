"""Which signals are from one client, and what a lead becomes when one joins it. Pure."""
