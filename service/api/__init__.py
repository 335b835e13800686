"""The door for programs and people."""
