"""What is asked: plain functions that run over a submission, behind the wall, and over the reference, in the grader."""
