"""Leads from files and into files: NDJSON, and CSV as spreadsheets write it."""
