"""The autograder: grades a homework whose answers are numbers, from a submission to Gradescope's results.json."""

__version__ = "0.1.0"
