"""CRM systems."""
