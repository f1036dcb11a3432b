"""What this assignment is: assignment.toml, editions, template, variants, scaffolds. Imports `base` and `guest`."""
