"""Routes of claims, calls and supervision."""
