"""What every package may use: errors, files, text, tables, people, seeds. Imports the standard library alone."""
