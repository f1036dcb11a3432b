"""What this assignment is: assignment.toml, editions, template, variants. Imports `base` and `guest`."""
