"""Traces of a lead: passed on from request to event, and recorded where that is switched on."""
