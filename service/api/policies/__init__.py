"""Routes of policies."""
