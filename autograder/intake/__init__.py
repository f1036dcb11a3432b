"""A submission in memory, from a folder or an archive, within bounds. Imports `assignment` and what lies below."""
