"""Telephone exchanges."""
