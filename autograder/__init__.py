"""The Beras autograder: grades one homework, in Python, from a submission to Gradescope's results.json."""

__version__ = "0.1.0"
