"""Compare, explain, name the mistake. Imports `intake`, `results` and what lies below."""
