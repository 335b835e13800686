"""The door for other companies' systems."""
