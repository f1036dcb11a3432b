"""The public tests: run `pytest` in the folder above."""
