"""Who is first, and why. Pure functions of lead, policy and now."""
