"""Explains in sentences of two languages why a lead stands where it stands. Pure."""
