"""Signing in, first use, and a person's preferences."""
