"""Traces of a lead's way: passed on from request to event, and recorded where that is wanted."""
