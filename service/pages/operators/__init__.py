"""Signing in, first use, and how a person wants the pages."""
