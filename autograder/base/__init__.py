"""What every package may use: errors, atomic files, text, TOML tables, people, seeds. Imports the standard library alone."""
