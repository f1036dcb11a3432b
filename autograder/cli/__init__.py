"""The commands, and what a terminal shows. Imports every package."""
