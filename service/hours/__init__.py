"""Business time: opening hours, holidays, shifts. Pure."""
