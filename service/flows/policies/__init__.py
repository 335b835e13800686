"""Policies: change, preview and view what leads are ranked by."""
