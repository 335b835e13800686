"""Leads as files: NDJSON, and CSV as spreadsheets write it."""
