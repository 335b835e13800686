"""Who is the same client, and what a lead becomes when a signal joins it. Pure."""
