"""What this assignment is: `assignment.toml`, its editions, its template, its variants. Imports `wall` and what lies below."""
