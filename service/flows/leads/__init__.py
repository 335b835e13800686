"""Leads: receive signals, join, merge, split, change, import, export and view them."""
