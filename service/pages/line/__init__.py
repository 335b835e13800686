"""The board of supervisors."""
