"""From a laptop to Gradescope: package, rehearsal, doctor. Imports every package but `cli`."""
