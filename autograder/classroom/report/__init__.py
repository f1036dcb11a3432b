"""The page about a graded class. Imports `classroom` and what lies below."""
