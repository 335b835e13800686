"""A small believable day of leads, for people who see nextlead for the first time."""
