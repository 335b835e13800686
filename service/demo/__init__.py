"""A small believable day of leads, for who looks at nextlead for the first time."""
