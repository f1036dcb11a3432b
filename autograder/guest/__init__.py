"""The only code that ever runs beside a submission: it imports the standard library, NumPy and itself."""
