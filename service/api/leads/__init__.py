"""Routes of leads, their signals and files."""
