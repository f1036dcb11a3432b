"""Rows, the report, results.json and its contract, lateness. Imports `assignment` and what lies below."""
