"""Policies as text: reading, checking and describing what a shop manager writes."""
